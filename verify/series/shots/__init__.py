"""From photos to shots: what each tells, its setting and approach, and which could not be used."""
