"""Files of Scienta SES: its text, its Igor waves, its DA30 maps, and the notes of PEAK."""
