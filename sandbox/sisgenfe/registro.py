"""What may be told to this simulator from the control page: who may issue, blocked keys, what the town hall decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.nucleo import ajustes
from sandbox.nucleo.livro import gravacao
from sandbox.nucleo.models import Cenario
from sandbox.sisgenfe import notas, tabelas
from sandbox.sisgenfe.acesso import PERMISSOES, derivar
from sandbox.sisgenfe.models import Aplicativo, Cancelamento, Nota, Prestador, Usuario
from sandbox.sisgenfe.opcoes import SERVICO
from sandbox.sisgenfe.prestadores_teste import DEMONSTRACAO, PRESTADORES_DE_TESTE

MUNICIPIO_PADRAO = "2615003"
NOME_PADRAO = "PRESTADOR DE TESTE"
NOME_DO_APLICATIVO = "APLICATIVO DE DEMONSTRACAO"
USUARIO_DE_DEMONSTRACAO = "teste"


@dataclass(frozen=True)
class Cadastro:
    """A prestador to register, with one user. `atividades` maps internal ids to rates in percent, None for the
    service's own; None means every activity of the table. `aplicativo` is the one key it lets in, any when empty."""

    cnpj: str
    usuario: str
    senha: str
    nome: str = NOME_PADRAO
    municipio: int = 0
    atividades: dict[int, Decimal | None] | None = None
    permissoes: Sequence[str] = PERMISSOES
    aplicativo: str = ""
    habilitado: bool = True


def chave_de_demonstracao() -> str:
    """The application key of this sandbox; the same after every reset."""
    return derivar("aplicativo").hex()[:32]


def senha_de_demonstracao() -> str:
    return derivar("senha").hex()[:12]


def semear() -> None:
    """The demonstration application and the test issuers; leaves an existing state as it is. Inside `gravacao`."""
    Aplicativo.objects.get_or_create(
        chave=chave_de_demonstracao(), defaults={"nome": NOME_DO_APLICATIVO, "cnpj": DEMONSTRACAO}
    )
    if Cenario.objects.filter(origem="documento", servico=SERVICO).exists():
        return
    senha = senha_de_demonstracao()
    cadastrar(
        [
            Cadastro(teste.cnpj, USUARIO_DE_DEMONSTRACAO, senha, nome=teste.titulo.upper())
            for teste in PRESTADORES_DE_TESTE
        ]
    )
    for teste in PRESTADORES_DE_TESTE:
        if teste.regra:
            alvo = {"servico": SERVICO, "contribuinte": teste.cnpj, "descricao": teste.titulo}
            Cenario.objects.create(origem="documento", **alvo, **teste.regra)


def cadastrar(cadastros: Sequence[Cadastro]) -> None:
    """Register or write anew, all or nothing; a user of another name is added to those that are there."""
    with gravacao():
        for chave in {cadastro.aplicativo for cadastro in cadastros} - {""}:
            Aplicativo.objects.get_or_create(chave=chave)
        prestadores = _gravar_prestadores(cadastros)
        usuarios = [
            Usuario(
                prestador=prestadores[cadastro.cnpj],
                nome=cadastro.usuario,
                senha=cadastro.senha,
                permissoes=list(cadastro.permissoes),
            )
            for cadastro in cadastros
        ]
        Usuario.objects.bulk_create(
            usuarios,
            update_conflicts=True,
            unique_fields=["prestador", "nome"],
            update_fields=["senha", "permissoes"],
        )


def _gravar_prestadores(cadastros: Sequence[Cadastro]) -> dict[str, Prestador]:
    Prestador.objects.bulk_create(
        [
            Prestador(
                cnpj=cadastro.cnpj,
                nome=cadastro.nome,
                municipio=cadastro.municipio or tabelas.municipios_por_ibge()[MUNICIPIO_PADRAO],
                habilitado=cadastro.habilitado,
                atividades=_atividades(cadastro),
                aplicativos=[cadastro.aplicativo] if cadastro.aplicativo else [],
            )
            for cadastro in cadastros
        ],
        update_conflicts=True,
        unique_fields=["cnpj"],
        update_fields=["nome", "municipio", "habilitado", "atividades", "aplicativos"],
    )
    return {prestador.cnpj: prestador for prestador in Prestador.objects.filter(cnpj__in=[c.cnpj for c in cadastros])}


def _atividades(cadastro: Cadastro) -> dict[str, str | None]:
    suas = cadastro.atividades
    if suas is None:
        suas = dict.fromkeys(tabelas.atividades())
    return {str(ident): None if aliquota is None else str(aliquota) for ident, aliquota in suas.items()}


def gravar_aplicativo(chave: str, *, cnpj: str | None, nome: str | None, bloqueado: bool | None) -> Aplicativo:
    """Make or change an application; None leaves what is there. A blocked key takes its tokens with it."""
    valores = {"cnpj": cnpj, "nome": nome, "bloqueado": bloqueado}
    with gravacao():
        aplicativo, _ = Aplicativo.objects.update_or_create(
            chave=chave, defaults={campo: valor for campo, valor in valores.items() if valor is not None}
        )
    return aplicativo


def decidir(cnpj: str, numero: int, ambiente: str, *, aprova: bool) -> str:
    """What the town hall says of a pending request; the new situacao of the note, empty when nothing is pending."""
    agora = ajustes.ler().agora()
    notas.pousar(agora)
    with gravacao():
        pedido = (
            Cancelamento.objects.select_related("nota")
            .filter(nota__prestador__cnpj=cnpj, nota__numero=numero, nota__ambiente=ambiente, decidido=None)
            .first()
        )
        if pedido is None:
            return ""
        notas.decidir(pedido, aprova=aprova, agora=agora)
    return str(pedido.nota.situacao)


def mostrar_nota(nota: Nota) -> dict[str, Any]:
    """A note as the control tells it; needs `prestador`, `cancelamento` and `correcoes` at hand."""
    pedido: Cancelamento | None = getattr(nota, "cancelamento", None)
    return {
        "id": nota.pk,
        "prestador": nota.prestador.cnpj,
        "ambiente": nota.ambiente,
        "numero": nota.numero,
        "key": nota.chave,
        "emitida": nota.emitida,
        "situacao": nota.situacao,
        "tomador": nota.tomador,
        "valor": nota.valor,
        "observacao": nota.observacao,
        "correcoes": [carta.historico for carta in nota.correcoes.all()],
        "cancelamento": pedido
        and {
            "tipo": pedido.tipo,
            "historico": pedido.historico,
            "solicitado": pedido.solicitado,
            "decidido": pedido.decidido,
            "aprovado": pedido.aprovado,
        },
    }
