"""The only reader of the environment; a missing variable stops the function at its cold start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache


@dataclass(frozen=True, slots=True)
class Settings:
    """One field per variable of the template, of the same name in lower case."""

    table_name: str
    orders_queue_url: str
    secrets_id: str
    brand: str
    currency: str
    wechat_api_url: str
    wechat_app_id: str
    wecom_api_url: str
    contacts_queue_url: str
    mini_program_page: str
    phone_proof: str
    audiences_bucket: str
    audiences_queue_url: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises RuntimeError naming every variable that is missing or empty."""
        names = [field.name for field in fields(cls)]
        missing = [name.upper() for name in names if not environment.get(name.upper())]
        if missing:
            raise RuntimeError(f"environment variables missing: {', '.join(missing)}")
        return cls(**{name: environment[name.upper()] for name in names})


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings.from_environment(os.environ)
