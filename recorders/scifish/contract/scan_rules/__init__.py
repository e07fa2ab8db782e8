"""Which configuration a scan records: rules, and the choice by them. Pure."""
