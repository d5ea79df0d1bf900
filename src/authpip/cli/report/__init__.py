"""The facts behind `auth explain`, `check`, `status` and `audit`, and their forms as text and JSON."""
