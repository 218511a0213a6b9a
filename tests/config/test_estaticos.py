"""The modules of the screens under the hashed names of an installed product."""

import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import override_settings


def test_hashed_modules_import_hashed_modules_and_the_page_names_them(tmp_path: Path) -> None:
    armazens = {"staticfiles": {"BACKEND": "config.estaticos.Estaticos"}}
    # Nothing here depends on the compressed copies, which cost most of the time.
    with override_settings(
        STORAGES=armazens, STATIC_ROOT=tmp_path, WHITENOISE_SKIP_COMPRESS_EXTENSIONS=["js", "css", "svg", "txt"]
    ):
        call_command("collectstatic", interactive=False, verbosity=0)
        nomes_das_entradas = ("js/app.js", "js/publico.js")  # of the screens, of the pages without a log-in
        entradas = [tmp_path / staticfiles_storage.stored_name(nome) for nome in nomes_das_entradas]  # type: ignore[attr-defined]
    por_ler, lidos = entradas, set[Path]()
    while por_ler:
        modulo = por_ler.pop()
        lidos.add(modulo)
        nomes = re.findall(r'^import[^;]*?"\./([^"]+)";', modulo.read_text(), re.MULTILINE)
        assert all(re.fullmatch(r"\w+\.[0-9a-f]{12}\.js", nome) for nome in nomes)
        por_ler += [modulo.parent / nome for nome in nomes if modulo.parent / nome not in lidos]
    da_pasta = {p.name for p in (settings.BASE_DIR / "static/js").glob("*.js")} - {"tema.js"}
    assert {re.sub(r"\.[0-9a-f]{12}\.", ".", p.name) for p in lidos} == da_pasta
