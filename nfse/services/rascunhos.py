"""Many drafts at once: what a file and the contratos of a month give. The bulk version of notas.gravar()."""

from collections.abc import Collection, Iterable, Sequence

from django.db import IntegrityError, connection, transaction

from comum.models import Usuario
from nfse.models import EventoNota, Nota, NotaItem
from nfse.services.notas import DadosNota, dita, esboco, recusa_do_banco
from nfse.services.regras import Rotas

_LOTE = 1000
_REFERENCIAS = """
SELECT n.empresa_id, n.referencia, n.id
  FROM unnest(%s::bigint[], %s::varchar[]) AS p (empresa_id, referencia)
  JOIN nfse_nota n USING (empresa_id, referencia)
 WHERE n.referencia <> '' AND n.situacao <> 'abandonada'
"""


def com_estas_referencias(pares: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Which of these (empresa, referência) have a note already, abandoned ones aside: its key. One query."""
    if not pares:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_REFERENCIAS, [[empresa for empresa, _ in pares], [referencia for _, referencia in pares]])
        return {(empresa, referencia): pk for empresa, referencia, pk in cursor.fetchall()}


Montada = tuple[Nota, list[NotaItem]]


def montar(dados: Iterable[DadosNota], usuario: Usuario, rotas: Rotas | None = None) -> list[Montada]:
    """The notes as they would be stored, with their lines and totals; nothing is written. `rotas` of their empresas,
    read where not given."""
    todos = list(dados)
    rotas = rotas or Rotas({um.empresa.pk: um.empresa for um in todos}.values())
    montadas = [esboco(um, usuario, rotas=rotas) for um in todos]
    for nota, _ in montadas:
        nota.preparar()
    return montadas


def gravar_montadas(montadas: Sequence[Montada], usuario: Usuario) -> list[Nota]:
    """Write what montar() gave, each note with its lines and its event, in a number of statements that grows by the
    thousand; all of them or none. In the order given; a tomador that was new then is stored by now. Raises
    ReferenciaRepetida (it names the first one taken), NotaOcupada."""
    notas = [nota for nota, _ in montadas]
    with transaction.atomic():
        try:
            with transaction.atomic():
                Nota.objects.bulk_create(notas, batch_size=_LOTE)
        except IntegrityError as erro:
            raise recusa_do_banco(erro, _primeira_tomada(notas)) from erro
        NotaItem.objects.bulk_create((item for _, itens in montadas for item in itens), batch_size=_LOTE)
        EventoNota.objects.bulk_create(
            (EventoNota(nota=nota, tipo=EventoNota.Tipo.CRIADA, usuario=usuario, texto=dita(nota)) for nota in notas),
            batch_size=_LOTE,
        )
    return notas


def _primeira_tomada(notas: Iterable[Nota]) -> str:
    pares = [(nota.empresa_id, nota.referencia) for nota in notas if nota.referencia]
    tomadas = com_estas_referencias(pares)
    vistas: set[tuple[int, str]] = set()
    for par in pares:
        if par in tomadas or par in vistas:
            return par[1]
        vistas.add(par)
    return ""
