"""Everything that happened to a title, as one story: each movement and every try of the operações about it, the newest
first."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from comum.formatos import format_data, format_dinheiro
from comum.models import Usuario
from operacoes.historia import Historia, Passo, das_tentativas, montar
from operacoes.models import Operacao
from pagar.models import Movimento, Titulo
from pagar.providers.campos import campos_de
from pagar.providers.interface import Atualizacao
from pagar.services.palavras import em_palavras

Tipo = Movimento.Tipo
_TOM = {
    Tipo.ENVIADO: "info",
    Tipo.IMPLANTADO: "ok",
    Tipo.RECUSADO: "erro",
    Tipo.BARRAS: "ok",
    Tipo.ATUALIZADO: "ok",
    Tipo.EM_BORDERO: "info",
    Tipo.FORA_DO_BORDERO: "atencao",
    Tipo.PAGO: "ok",
    Tipo.ABATIDO: "info",
    Tipo.ANTECIPACAO: "info",
    Tipo.PAGAMENTO_ESTORNADO: "atencao",
    Tipo.ATUALIZACAO_ESTORNADA: "atencao",
    Tipo.CANCELADO: "erro",
    Tipo.ESTORNADO: "erro",
    Tipo.ATO_RECUSADO: "erro",
    Tipo.NA_RECEITA: "ok",
    Tipo.AVISO: "atencao",
}
# Movements that say nothing of money.
_SEM_VALOR = (
    Tipo.CRIADO, Tipo.ALTERADO, Tipo.ENVIADO, Tipo.RECUSADO, Tipo.ABANDONADO, Tipo.ATO_RECUSADO, Tipo.NA_RECEITA,
    Tipo.AVISO,
)  # fmt: skip
_CAMPOS = dict(campos_de(Atualizacao))
# Said in the place of the other title when the user does not see it.
_DE_OUTRA_CARTEIRA = {
    Tipo.ANTECIPACAO: "Em um título de outra carteira",
    Tipo.ABATIDO: "De uma antecipação de outra carteira",
}


def historia(
    titulo: Titulo, usuario: Usuario, *, acoes: Mapping[int, tuple[str, str]] | None = None, tudo: bool = False
) -> Historia:
    """The story of a title in a constant number of queries; `tudo` for the older steps too. `acoes` by movement (pk).
    A batch that concerns empresas the user does not see is told without its calls."""
    movimentos = list(titulo.movimentos.select_related("usuario", "operacao").order_by("em", "pk"))
    ids = {movimento.operacao_id for movimento in movimentos} | {titulo.operacao_id, titulo.em_curso_id}
    suas = Operacao.objects.visiveis(usuario).filter(pk__in=[pk for pk in ids if pk is not None])
    operacoes = {operacao.pk: operacao for operacao in suas.select_related("usuario").defer("pedido")}
    desfeitos = {movimento.estorna_id for movimento in movimentos if movimento.estorna_id}
    passos = _dos_movimentos(movimentos, operacoes, desfeitos, acoes or {}, _escondidos(movimentos, usuario))
    return montar([*passos, *das_tentativas(operacoes)], tudo=tudo)


def _escondidos(movimentos: Iterable[Movimento], usuario: Usuario) -> set[int]:
    """Of the other titles that these movements name, those (pk) that the user does not see."""
    outros = {movimento.dados["titulo"] for movimento in movimentos if "titulo" in movimento.dados}
    if not outros:
        return set()
    return outros - set(Titulo.objects.visiveis(usuario).filter(pk__in=outros).values_list("pk", flat=True))


def _dos_movimentos(
    movimentos: Iterable[Movimento],
    operacoes: Mapping[int, Operacao],
    desfeitos: set[int],
    acoes: Mapping[int, tuple[str, str]],
    escondidos: set[int],
) -> Iterator[Passo]:
    for movimento in movimentos:
        dito = movimento.texto
        if movimento.dados.get("titulo") in escondidos:
            dito = _DE_OUTRA_CARTEIRA.get(Tipo(movimento.tipo), "")
        tipo, desfeito = Tipo(movimento.tipo), movimento.pk in desfeitos
        yield Passo(
            em=movimento.em,
            tom="neutro" if desfeito else _TOM.get(tipo, "neutro"),
            titulo=f"{tipo.label} (estornado depois)" if desfeito else str(tipo.label),
            quem=movimento.usuario.nome if movimento.usuario else "",
            texto="\n".join(filter(None, [_do_dinheiro(movimento), *_das_mudancas(movimento), dito])),
            palavras=sem_repetir(dito, str(movimento.dados.get("palavras", ""))),
            operacao=operacoes.get(movimento.operacao_id or 0),
            acao=acoes.get(movimento.pk),
            peso=3,
        )


def _do_dinheiro(movimento: Movimento) -> str:
    """Amount, what was left, date and reference, in one line."""
    partes = []
    if movimento.tipo not in _SEM_VALOR:
        pago = movimento.dados.get("pago")
        if pago is not None and Decimal(pago) != movimento.valor:
            partes.append(f"pago {format_dinheiro(Decimal(pago))}, baixa de {format_dinheiro(movimento.valor)}")
        elif movimento.valor:
            partes.append(format_dinheiro(movimento.valor))
        if movimento.saldo is not None:
            partes.append(f"saldo {format_dinheiro(movimento.saldo)}")
    if bordero := movimento.dados.get("bordero"):
        partes.append(f"borderô {bordero}")
    if movimento.data is not None:
        partes.append(f"data {format_data(movimento.data)}")
    if movimento.referencia:
        partes.append(f"referência {movimento.referencia}")
    return " · ".join(partes)


def _das_mudancas(movimento: Movimento) -> Iterator[str]:
    for nome, (antes, depois) in movimento.dados.get("mudancas", {}).items():
        campo = _CAMPOS.get(nome)
        if campo is not None and not isinstance(depois, list | dict):
            yield f"{campo.rotulo}: {em_palavras(campo, antes)} → {em_palavras(campo, depois)}"


def sem_repetir(texto: str, palavras: str) -> str:
    """The ERP's words where they say more than our message, which often has them already."""
    dito = all(linha in texto or linha.partition(": ")[2] in texto for linha in palavras.splitlines())
    return "" if dito else palavras
