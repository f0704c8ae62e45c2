"""The container lab: five machines on this host that behave like a small OpenStack control plane."""
