"""Sardana's MacroServers that follow PathFixer: their ScanDir, and whether a macro runs there."""
