"""What `auth explain` and `auth check` tell: the facts, and their forms as text and JSON."""
