"""Demo data: two entities, a year of history and today's files, made from one seed. All names are invented."""

SEED = 20261123
DOMAIN = "demo.example"
# One password for everyone in the demo; `make run` prints it. The demo answers on this machine alone.
PASSWORD = "phare-dans-la-brume"  # noqa: S105
