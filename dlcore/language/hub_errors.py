"""What can go wrong between here and the Hub, in one line that says what to do."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

from dlcore.downloads import reason, without_password
from dlcore.language.catalog import shipped
from dlcore.language.hub_cache import HubError

HUB = "https://huggingface.co"


def endpoint() -> str:
    """The Hub's address, or that of a mirror."""
    return (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")


@contextlib.contextmanager
def plainly(name: str) -> Iterator[None]:
    """Turn what goes wrong with the model ``name`` into a HubError."""
    from httpx2 import HTTPError, InvalidURL
    from huggingface_hub import errors

    try:
        yield
    except HubError:
        raise
    except errors.OfflineModeIsEnabled as error:
        said = f"{name} is not here, and HF_HUB_OFFLINE forbids asking for it.{instead()}"
        raise HubError(said) from error
    except errors.GatedRepoError as error:
        raise HubError(_closed(name)) from error
    except errors.RepositoryNotFoundError as error:
        raise HubError(
            f"The Hub has no model {name}, or it is private. Check the spelling: names look like "
            f"distilgpt2 or owner/name.{instead()}"
        ) from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        if status in (401, 403):
            raise HubError(_closed(name)) from error
        why = "has been asked too often from here" if status == 429 else f"answered {status}"
        said = f"The Hub {why} for {name}; try again in a few minutes.{instead()}"
        raise HubError(said) from error
    except (HTTPError, InvalidURL) as error:
        raise HubError(unreachable(error)) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            said = f"The disk was full before {name} was here. Make room and download again: it goes on where it stopped."
        elif error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
            said = f"{name} cannot be kept: the folder for downloads is not writable."
        else:
            said = unreachable(error)
        raise HubError(said) from error


def _closed(name: str) -> str:
    return (
        f"{name} is gated or private: accept its terms on the Hub, set HF_TOKEN to your token and "
        f"try again.{instead()}"
    )


def unreachable(error: BaseException) -> str:
    return (
        f"The Hugging Face Hub ({without_password(endpoint())}) cannot be reached ({reason(error)}). "
        f"Check the network and try again.{instead()}"
    )


def instead() -> str:
    """What there is without any download."""
    names = [model.name for model in shipped()]
    return f" Always at hand: {', '.join(names)}." if names else ""
