"""What the control page and its JSON can do to the SISGENF-e simulator. Refusals are PedidoInvalido, in pt-BR."""

from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.controle.acoes import PedidoInvalido
from sandbox.documentos import cnpj_valido
from sandbox.sisgenfe import registro, tabelas
from sandbox.sisgenfe.acesso import PERMISSOES
from sandbox.sisgenfe.models import Aplicativo, Prestador
from sandbox.sisgenfe.registro import Cadastro

_CAMPOS = {
    "cnpj",
    "nome",
    "municipio",
    "usuario",
    "senha",
    "app",
    "atividades",
    "permissoes",
    "habilitado",
}
_AMBIENTES = ("producao", "homolog")


def _so(dados: dict[str, Any], aceitos: set[str]) -> None:
    if estranho := set(dados) - aceitos:
        raise PedidoInvalido(f"Campo desconhecido: {estranho.pop()}.")


def _texto(dados: dict[str, Any], nome: str, maximo: int, padrao: str | None = None) -> str:
    valor = dados.get(nome, padrao)
    if not isinstance(valor, str) or len(valor) > maximo or (padrao is None and not valor.strip()):
        raise PedidoInvalido(f"{nome}: informe um texto de até {maximo} caracteres.")
    return valor


def _booleano(dados: dict[str, Any], nome: str, padrao: bool | None) -> bool | None:
    valor = dados.get(nome, padrao)
    if valor is not None and not isinstance(valor, bool):
        raise PedidoInvalido(f"{nome} deve ser true ou false.")
    return valor


def _cnpj(valor: Any) -> str:
    if not isinstance(valor, str) or not cnpj_valido(valor):
        raise PedidoInvalido(f"CNPJ inválido: {valor!r}. Informe 14 caracteres, sem máscara.")
    return valor


def cadastrar(dados: dict[str, Any]) -> int:
    """{"prestadores": [...]}: register in bulk, all or nothing. Returns how many."""
    _so(dados, {"prestadores"})
    lista = dados.get("prestadores")
    if not isinstance(lista, list) or not all(isinstance(item, dict) for item in lista):
        raise PedidoInvalido("prestadores é uma lista de objetos.")
    cadastros = [_cadastro(item) for item in lista]
    if len({(cadastro.cnpj, cadastro.usuario) for cadastro in cadastros}) < len(cadastros):
        raise PedidoInvalido("prestadores: o mesmo CNPJ e usuário aparecem duas vezes.")
    registro.cadastrar(cadastros)
    return len(cadastros)


def _cadastro(item: dict[str, Any]) -> Cadastro:
    _so(item, _CAMPOS)
    return Cadastro(
        cnpj=_cnpj(item.get("cnpj")),
        usuario=_texto(item, "usuario", 60),
        senha=_texto(item, "senha", 100),
        nome=_texto(item, "nome", 150, registro.NOME_PADRAO),
        municipio=_municipio(item.get("municipio", registro.MUNICIPIO_PADRAO)),
        atividades=_atividades(item["atividades"]) if "atividades" in item else None,
        permissoes=_permissoes(item.get("permissoes", list(PERMISSOES))),
        aplicativo=_texto(item, "app", 64, ""),
        habilitado=bool(_booleano(item, "habilitado", padrao=True)),
    )


def _municipio(ibge: Any) -> int:
    if not isinstance(ibge, str) or ibge not in tabelas.municipios_por_ibge():
        raise PedidoInvalido(f"municipio: {ibge!r} não é um código do IBGE de 7 algarismos, como texto.")
    return tabelas.municipios_por_ibge()[ibge]


def _permissoes(lista: Any) -> list[str]:
    if not isinstance(lista, list) or not set(map(str, lista)) <= set(PERMISSOES):
        raise PedidoInvalido(f"permissoes é uma lista destas: {', '.join(PERMISSOES)}.")
    return lista


def _atividades(lista: Any) -> dict[int, Decimal | None]:
    """Internal ids, LC 116 items as text (every activity of the item), or {"id", "aliquota"}."""
    if not isinstance(lista, list):
        raise PedidoInvalido("atividades é uma lista.")
    lidas: dict[int, Decimal | None] = {}
    for item in lista:
        match item:
            case {"id": int(ident), "aliquota": int() | float() as aliquota, **outros} if not outros:
                lidas[_atividade(ident)] = _aliquota(aliquota)
            case str(lei116) if suas := [i for i, a in tabelas.atividades().items() if a.lei116 == lei116]:
                lidas |= dict.fromkeys(suas)
            case int(ident):
                lidas[_atividade(ident)] = None
            case _:
                raise PedidoInvalido(
                    f'atividades: {item!r} não é um id, um item da LC 116 como "17.19" nem {{"id", "aliquota"}}.'
                )
    return lidas


def _atividade(ident: int) -> int:
    if ident not in tabelas.atividades():
        raise PedidoInvalido(f"atividades: não há atividade de id {ident}.")
    return ident


def _aliquota(valor: float) -> Decimal:
    try:
        aliquota = Decimal(str(valor))
    except InvalidOperation:
        aliquota = Decimal(-1)
    if not 0 <= aliquota <= 100:
        raise PedidoInvalido(f"atividades: a alíquota {valor} deve estar entre 0 e 100 por cento.")
    return aliquota


def gravar_aplicativo(dados: dict[str, Any]) -> Aplicativo:
    """{"chave", "cnpj", "nome", "bloqueado"}: make an application, or change what is given of it."""
    _so(dados, {"chave", "cnpj", "nome", "bloqueado"})
    return registro.gravar_aplicativo(
        _texto(dados, "chave", 64),
        cnpj=_cnpj(dados["cnpj"]) if "cnpj" in dados else None,
        nome=_texto(dados, "nome", 100) if "nome" in dados else None,
        bloqueado=_booleano(dados, "bloqueado", padrao=None),
    )


def ambiente(nome: Any) -> str:
    if nome not in _AMBIENTES:
        raise PedidoInvalido(f"ambiente deve ser um destes: {', '.join(_AMBIENTES)}.")
    return str(nome)


def decidir(dados: dict[str, Any]) -> str:
    """{"prestador", "numero", "aprova", "ambiente"}: the town hall's answer; returns the new situacao of the note."""
    _so(dados, {"prestador", "numero", "aprova", "ambiente"})
    numero, aprova = dados.get("numero"), _booleano(dados, "aprova", padrao=None)
    if not isinstance(numero, int) or isinstance(numero, bool) or aprova is None:
        raise PedidoInvalido("Informe prestador, numero (inteiro) e aprova (true ou false).")
    onde = ambiente(dados.get("ambiente", "producao"))
    situacao = registro.decidir(_cnpj(dados.get("prestador")), numero, onde, aprova=aprova)
    if not situacao:
        raise PedidoInvalido(f"Não há cancelamento à espera de decisão na nota {numero} desse prestador.")
    return situacao


def mostrar_prestador(prestador: Prestador) -> dict[str, Any]:
    municipio = tabelas.municipios()[prestador.municipio]
    return {
        "cnpj": prestador.cnpj,
        "nome": prestador.nome,
        "municipio": municipio["codigoCompleto"],
        "habilitado": prestador.habilitado,
        "aplicativos": prestador.aplicativos,
        "atividades": {int(ident): aliquota for ident, aliquota in prestador.atividades.items()},
        "usuarios": [{"usuario": u.nome, "permissoes": u.permissoes} for u in prestador.usuarios.all()],
    }


def mostrar_aplicativo(aplicativo: Aplicativo) -> dict[str, Any]:
    return {
        "chave": aplicativo.chave,
        "cnpj": aplicativo.cnpj,
        "nome": aplicativo.nome,
        "bloqueado": aplicativo.bloqueado,
    }
