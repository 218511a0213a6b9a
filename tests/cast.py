"""The cast: Ana administers, Bruno operates one carteira, Carla consults it, Davi has no carteira.

Every document number is invented, with valid check digits.
"""

from collections.abc import Iterable, Sequence
from datetime import date

import pytest
from stdnum.br import cnpj as stdnum_cnpj

from comum.models import Adicional, Papel, Usuario
from empresas.models import Carteira, Empresa, Municipio, Regime, RegimeEmpresa

SENHA = "Senha-de-teste-1"


def cnpj_valido(numero: int, *, letras: bool = False, ordem: str = "0001") -> str:
    """A CNPJ with valid check digits, made from a small number."""
    raiz = f"{'AB' if letras else '90'}{numero:06d}"
    base = raiz + ordem
    return str(base + stdnum_cnpj.calc_check_digits(base))


def criar_usuario(username: str, papel: Papel) -> Usuario:
    usuario = Usuario(username=username, first_name=username.capitalize(), papel=papel)
    usuario.set_password(SENHA)
    usuario.save()
    return usuario


def criar_empresa(
    numero: int,
    *,
    carteira: Carteira | None = None,
    regime: str = Regime.SIMPLES,
    razao_social: str = "",
    letras: bool = False,
    documento: str = "",
    municipio: str = "3550308",
    ativa: bool = True,
) -> Empresa:
    empresa = Empresa.objects.create(
        codigo=f"{numero:04d}",
        documento=documento or cnpj_valido(numero, letras=letras),
        razao_social=razao_social or f"Empresa Inventada {numero:04d} Ltda",
        regime=regime,
        municipio=Municipio.objects.get(pk=municipio),
        carteira=carteira,
        ativa=ativa,
    )
    RegimeEmpresa.objects.create(empresa=empresa, regime=regime, desde=date(2020, 1, 1))
    return empresa


def criar_empresas(
    numeros: Iterable[int], *, carteira: Carteira | None = None, regimes: Sequence[str] = (Regime.SIMPLES,)
) -> list[Empresa]:
    """As criar_empresa(), in three statements: for tests that need many. The regimes take turns."""
    sao_paulo = Municipio.objects.get(pk="3550308")
    empresas = [
        Empresa(
            codigo=f"{numero:04d}",
            documento=cnpj_valido(numero),
            razao_social=f"Empresa Inventada {numero:04d} Ltda",
            regime=regimes[numero % len(regimes)],
            municipio=sao_paulo,
            carteira=carteira,
        )
        for numero in numeros
    ]
    for empresa in empresas:
        empresa.preparar()
    Empresa.objects.bulk_create(empresas)
    RegimeEmpresa.objects.bulk_create(
        RegimeEmpresa(empresa=empresa, regime=empresa.regime, desde=date(2020, 1, 1)) for empresa in empresas
    )
    return empresas


@pytest.fixture
def carteira(db: None) -> Carteira:
    return Carteira.objects.create(nome="Fiscal A")


@pytest.fixture
def outra_carteira(db: None) -> Carteira:
    return Carteira.objects.create(nome="Fiscal B")


@pytest.fixture
def ana(db: None) -> Usuario:
    return criar_usuario("ana", Papel.ADMINISTRADOR)


@pytest.fixture
def bruno(carteira: Carteira) -> Usuario:
    usuario = criar_usuario("bruno", Papel.OPERADOR)
    carteira.usuarios.add(usuario)
    return usuario


@pytest.fixture
def carla(carteira: Carteira) -> Usuario:
    usuario = criar_usuario("carla", Papel.CONSULTA)
    carteira.usuarios.add(usuario)
    return usuario


@pytest.fixture
def davi(db: None) -> Usuario:
    return criar_usuario("davi", Papel.OPERADOR)


@pytest.fixture
def adicional_216(db: None) -> Adicional:
    adicional, _ = Adicional.objects.update_or_create(
        pk=Adicional.INTEGRA_CONTADOR, defaults={"nome": "Mens.API Integra Contador", "ativo": True}
    )
    return adicional
