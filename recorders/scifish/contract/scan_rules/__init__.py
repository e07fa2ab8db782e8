"""Which configuration a scan records: the rules. The choice by them is `scifish.beamline.choice`."""
