"""Local simulators of the outside services, spoken to over HTTP only. See README.md in this folder."""
