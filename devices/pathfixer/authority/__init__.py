"""What may be active, and what follows from it: the rules, the user office and the directories."""
