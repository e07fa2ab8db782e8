"""SciFish: records the metadata of scans."""
