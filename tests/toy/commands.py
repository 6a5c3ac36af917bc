"""`relucert parabola`: the family's own command."""


def register(app):
    @app.command()
    def parabola() -> None:
        """A command of the toy family."""
