"""The import rules of docs/arquitetura.md, read from the code itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

RAIZ = Path(__file__).resolve().parent.parent
# Left may import right; what shares a floor never imports its neighbour.
ANDARES = [
    ["config"],
    ["painel"],
    ["pagar"],
    ["guias", "nfse"],
    ["credentials"],
    ["operacoes"],
    ["arquivo"],
    ["empresas"],
    ["comum"],
]
ANDAR = {app: numero for numero, apps in enumerate(ANDARES) for app in apps}


def modulos(app: str) -> Iterator[Path]:
    for path in (RAIZ / app).rglob("*.py"):
        if "migrations" not in path.parts:
            yield path


def importados(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


APPS = [app for app in ANDAR if (RAIZ / app).is_dir()]


@pytest.mark.parametrize("app", APPS)
def test_apps_import_only_what_lies_below(app: str) -> None:
    errados = [
        f"{path.relative_to(RAIZ)} imports {nome}"
        for path in modulos(app)
        for nome in importados(path)
        if (alvo := nome.split(".")[0]) in ANDAR and alvo != app and ANDAR[alvo] <= ANDAR[app]
    ]
    assert errados == []


@pytest.mark.parametrize("app", APPS)
def test_no_app_imports_the_sandbox_or_the_tests(app: str) -> None:
    errados = [
        f"{path.relative_to(RAIZ)} imports {nome}"
        for path in modulos(app)
        for nome in importados(path)
        if nome.split(".")[0] in ("sandbox", "tests")
    ]
    assert errados == []


def test_the_sandbox_imports_nothing_of_the_product() -> None:
    errados = [
        f"{path.relative_to(RAIZ)} imports {nome}"
        for path in modulos("sandbox")
        for nome in importados(path)
        if nome.split(".")[0] in ANDAR
    ]
    assert errados == []


def test_httpx_is_imported_in_one_module_of_the_product() -> None:
    onde = [
        str(path.relative_to(RAIZ))
        for app in APPS
        for path in modulos(app)
        if any(nome.split(".")[0] in ("httpx", "httpcore") for nome in importados(path))
    ]
    assert onde == ["operacoes/http.py"]


@pytest.mark.parametrize("app", APPS)
def test_providers_know_no_model_setting_or_screen(app: str) -> None:
    proibidos = ("models", "forms", "views", "admin", "settings", "services", "handlers")
    errados = [
        f"{path.relative_to(RAIZ)} imports {nome}"
        for path in modulos(app)
        if "providers" in path.parts
        for nome in importados(path)
        if nome.split(".")[0] == "django" or any(parte in proibidos for parte in nome.split("."))
    ]
    assert errados == []


@pytest.mark.parametrize("app", [app for app in APPS if app != "config"])
def test_models_import_no_floor_above_them_inside_the_app(app: str) -> None:
    acima = {"views", "forms", "admin", "tasks", "services", "urls"}
    errados = [
        f"{path.relative_to(RAIZ)} imports {nome}"
        for path in modulos(app)
        if path.name == "models.py" or "models" in path.relative_to(RAIZ / app).parts[:-1]
        for nome in importados(path)
        if nome.split(".")[0] == app and acima & set(nome.split(".")[1:2])
    ]
    assert errados == []
