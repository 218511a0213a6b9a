"""From documents to drafts of titles: once for each, whoever asks and how often."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from comum import auditoria
from comum.formatos import contar, format_dinheiro
from comum.models import Usuario
from guias.models import Guia
from guias.services import barras
from nfse.models import NotaRecebida
from pagar.models import Titulo
from pagar.services import montagem
from pagar.services.cadastros import Falta
from pagar.services.montagem import Proposta
from pagar.services.rascunhos import ChaveRepetida, gravar_novos

_PDFS = 500  # read for their bar codes while somebody waits; of more, when they are sent
_AO_MESMO_TEMPO = "outra pessoa gravou o título deste documento no mesmo instante. Atualize a tela e confira."


@dataclass
class Geracao:
    """`existentes` had their titles already; `fora` cannot be any."""

    titulos: list[Titulo] = field(default_factory=list)
    existentes: int = 0
    fora: list[Proposta] = field(default_factory=list)

    def __str__(self) -> str:
        ditos = [contar(len(self.titulos), "título gerado", "títulos gerados")]
        if self.existentes:
            ditos.append(contar(self.existentes, "documento já tinha o seu", "documentos já tinham o seu"))
        return ", ".join(ditos)

    @property
    def por_motivo(self) -> dict[Falta, int]:
        """Why documents stayed out, and how many by each."""
        motivos: dict[Falta, int] = {}
        for proposta in self.fora:
            motivos[proposta.faltas[0]] = motivos.get(proposta.faltas[0], 0) + 1
        return motivos


def das_guias(pks: Iterable[int], usuario: Usuario) -> Geracao:
    pedidas = list(pks)
    if len(pedidas) <= _PDFS:
        barras.completar(Guia.objects.filter(pk__in=pedidas, codigo_barras="").select_related("documento"))
    with transaction.atomic():
        # All the copies of each dívida are locked before they are looked at: of two copies one is paid.
        dividas = Guia.objects.filter(pk__in=pedidas).values("divida")
        list(Guia.objects.filter(divida__in=dividas).order_by("pk").select_for_update(no_key=True).values_list("pk"))
        return _gerar(guias_com_tudo(Guia.objects.all()), pedidas, montagem.de_guias, usuario, "guias")


def das_notas(pks: Iterable[int], usuario: Usuario) -> Geracao:
    return _gerar(notas_com_tudo(NotaRecebida.objects.all()), pks, montagem.de_notas, usuario, "notas")


def guias_com_tudo[Q: QuerySet[Guia]](consulta: Q) -> Q:
    """With all that de_guias looks at."""
    return consulta.select_related("empresa__municipio", "documento", "apuracao")


def notas_com_tudo[Q: QuerySet[NotaRecebida]](consulta: Q) -> Q:
    """With all that de_notas looks at."""
    return consulta.select_related("empresa__municipio")


def _gerar(
    consulta: QuerySet[Any],
    pks: Iterable[int],
    propor: Callable[[Sequence[Any]], list[Proposta]],
    usuario: Usuario,
    de_que: str,
) -> Geracao:
    with transaction.atomic():
        # Locked: of two who ask at once, the second finds the titles made.
        documentos = list(consulta.filter(pk__in=list(pks)).select_for_update(of=("self",)).order_by("pk"))
        feita = Geracao()
        prontas: list[Proposta] = []
        for proposta in propor(documentos):
            if proposta.feitos:
                feita.existentes += 1
            elif proposta.pronta:
                prontas.append(proposta)
            else:
                feita.fora.append(proposta)
        feita.titulos = _gravar(prontas, usuario)
        feita.fora += [proposta for proposta in prontas if proposta.faltas]
        if feita.titulos:
            total = sum((titulo.valor for titulo in feita.titulos), feita.titulos[0].valor * 0)
            auditoria.registrar(
                usuario=usuario,
                acao="pagar.gerar",
                resumo=f"{feita}, de {de_que}: {format_dinheiro(total)}",
                dados={"titulos": [titulo.pk for titulo in feita.titulos]},
            )
    return feita


def _gravar(propostas: Sequence[Proposta], usuario: Usuario) -> list[Titulo]:
    """All of them, but those that somebody else's title got in the way of at this very instant."""
    try:
        return gravar_novos([titulo for proposta in propostas for titulo in proposta.titulos], usuario)
    except (ChaveRepetida, IntegrityError) as erro:
        if len(propostas) > 1:
            meio = len(propostas) // 2
            return _gravar(propostas[:meio], usuario) + _gravar(propostas[meio:], usuario)
        motivo = str(erro) if isinstance(erro, ChaveRepetida) else _AO_MESMO_TEMPO
        propostas[0].faltas.append(Falta(f"{propostas[0].origem}: {motivo}"))
        return []
