"""Whether variables or the firmware show that a cloud's metadata service is near; without that it is never asked."""

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
    """True with a variable of Cloud Run, a pod or google-auth, or on a Google machine; False with NO_GCE_CHECK=true."""
    if environ.get("NO_GCE_CHECK", "").lower() in _TRUE:
        return False
    return any(environ.get(name) for name in _GOOGLE) or content(f"{_DMI}product_name").startswith("Google")


def aws_instance(environ: Mapping[str, str]) -> bool:
    """True with a variable of botocore, or on a machine of EC2; False with AWS_EC2_METADATA_DISABLED=true."""
    if environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return False
    return any(environ.get(name) for name in _AWS) or content(f"{_DMI}sys_vendor").startswith("Amazon EC2")


def aws_container(environ: Mapping[str, str]) -> bool:
    """True with a variable that ECS or EKS sets."""
    return any(environ.get(f"AWS_CONTAINER_CREDENTIALS_{kind}_URI") for kind in ("RELATIVE", "FULL"))
