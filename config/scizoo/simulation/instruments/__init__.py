"""Files as the programs of Scienta and SPECS write them: for the demo and for tests, without an analyser."""
