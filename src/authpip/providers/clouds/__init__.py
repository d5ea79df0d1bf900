"""Tokens of Google, AWS and Azure: from gcloud, aws and az or by exchange/, their failures, and the clouds' hosts."""
