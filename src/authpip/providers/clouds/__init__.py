"""How gcloud, aws and az are asked, what their failures mean, and which hosts are whose."""
