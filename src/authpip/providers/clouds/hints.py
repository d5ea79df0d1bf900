"""Whether this machine says that a cloud's link-local service is beside it; without a hint it is never asked."""

from __future__ import annotations

from collections.abc import Mapping

from authpip.providers.clouds.fingerprint import content

_DMI = "/sys/class/dmi/id/"
_GOOGLE = (
    *("GCE_METADATA_HOST", "GCE_METADATA_ROOT", "GCE_METADATA_IP", "K_SERVICE", "CLOUD_RUN_JOB", "FUNCTION_TARGET"),
    "KUBERNETES_SERVICE_HOST",  # a pod, which may be one of GKE
)
_AWS = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")
_TRUE = frozenset({"true", "1", "yes", "on"})


def google_metadata(environ: Mapping[str, str]) -> bool:
    """A variable of Cloud Run, of a pod or of google-auth, or a machine that Google made; NO_GCE_CHECK=true says no."""
    if environ.get("NO_GCE_CHECK", "").lower() in _TRUE:
        return False
    return any(environ.get(name) for name in _GOOGLE) or content(f"{_DMI}product_name").startswith("Google")


def aws_instance(environ: Mapping[str, str]) -> bool:
    """A variable of botocore, or a machine of EC2; AWS_EC2_METADATA_DISABLED=true says no."""
    if environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return False
    return any(environ.get(name) for name in _AWS) or content(f"{_DMI}sys_vendor").startswith("Amazon EC2")


def aws_container(environ: Mapping[str, str]) -> bool:
    """A variable that ECS or EKS sets."""
    return any(environ.get(f"AWS_CONTAINER_CREDENTIALS_{kind}_URI") for kind in ("RELATIVE", "FULL"))
