"""The browser of the tests reaches nothing but this machine."""

import pytest
from playwright.sync_api import Error, Page

pytestmark = pytest.mark.navegador


def test_an_address_outside_is_not_found(page: Page) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://192.0.2.1/")
