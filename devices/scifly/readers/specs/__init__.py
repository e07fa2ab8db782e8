"""Files of SPECS: the exports and the experiments of Prodigy, and of SpecsLab 2 before it."""
