"""Shots drawn at random: everyday ones, folded cards, and hard ones with the effects that make them so."""
