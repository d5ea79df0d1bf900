"""Other names that people write for `provider`, and the provider that each stands for."""

from __future__ import annotations

_MEANT = {
    "google": ("gcloud", "gcp", "gar", "artifact-registry", "google-artifact-registry"),
    "aws": ("amazon", "codeartifact", "aws-codeartifact"),
    "azure": ("az", "ado", "azure-artifacts", "azure-devops", "microsoft"),
    "s3": ("bucket",),
    "ci": ("gitlab-ci", "azure-pipelines"),
    "oidc": ("github", "github-actions", "trusted-publishing", "workload-identity"),
    "rattler": ("pixi", "prefix"),
    "keyring": ("login", "stored", "secretservice", "keychain"),
    "env": ("environment", "variables"),
    "command": ("exec", "script", "program"),
}
_BY_LOGIN = ("artifactory", "jfrog", "nexus", "sonatype", "devpi", "pypiserver", "gemfury", "anaconda", "posit")


def meant(word: str) -> str:
    """The remedy for an unknown `provider` that is another name of a service; "" for any other word."""
    name = word.lower().replace("_", "-").replace(" ", "-")
    for provider, others in _MEANT.items():
        if name in others:
            return f"did you mean {provider!r}?"
    if name == "gitlab":
        return "did you mean 'ci' (the token of a job), or 'token'?"
    return "leave provider out, and type: authpip auth login URL" if name in _BY_LOGIN else ""
