"""Gates: frozen suites, rollouts, scoring, and the statistics that say what a score proves."""
