"""*Atualizar cadastros*: the internal ids of SISGENF-e that a canal keeps, read again from the service.

A reading without effect, so it is no Operacao: it is made while the person waits, within the limits of the queue.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Now
from django.http import QueryDict

from comum import auditoria
from comum.formatos import contar, normalizar
from comum.listas import Filtro, Lista
from comum.models import Usuario
from empresas.municipios import UFS
from nfse.models import CanalNfse, ReferenciaCanal, TipoCanal
from nfse.providers.sisgenfe import Atividade, Municipio, Unidade
from nfse.services import acesso, referencias
from operacoes import avulsas
from operacoes.http import Chamadas

PRAZO = 60.0  # seconds: a UF of many municípios takes some ten pages, two a second
Especie = ReferenciaCanal.Especie


class CadastroErro(Exception):
    """Not possible; the text is pt-BR for the screen."""


@dataclass(frozen=True)
class Lidos:
    """What one reading brought."""

    atividades: list[Atividade]
    unidades: list[Unidade]
    municipios: list[Municipio]

    def __str__(self) -> str:
        return ", ".join(
            (
                contar(len(self.atividades), "atividade", "atividades"),
                contar(len(self.unidades), "unidade", "unidades"),
                contar(len(self.municipios), "município", "municípios"),
            )
        )


@dataclass(frozen=True)
class Grupo:
    """How many of one kind are kept, and the age of the oldest."""

    especie: str
    rotulo: str
    quantas: int
    lida_em: datetime | None


def atualizar(*, canal: CanalNfse, usuario: Usuario, uf: str = "") -> Lidos:
    """Read the prestador's atividades, the units and the municípios of a UF (the prestador's own when empty), and keep
    them. Raises CadastroErro for a UF that is none, and the error family."""
    uf = uf.strip().upper() or (canal.empresa.municipio.uf if canal.empresa.municipio else "")
    if uf not in UFS:
        raise CadastroErro(f"UF desconhecida: “{uf[:10]}”. Escolha na lista." if uf else "Escolha a UF dos municípios.")
    lidos = avulsas.ler(
        lambda chamadas: _ler(canal, uf, chamadas),
        acesso.limites_do_acesso(canal.acesso, TipoCanal.SISGENFE),
        prazo=PRAZO,
    )
    _guardar(canal, usuario, uf, lidos)
    return lidos


def _ler(canal: CanalNfse, uf: str, chamadas: Chamadas) -> Lidos:
    cliente = acesso.abrir_sisgenfe(canal)
    return Lidos(
        cliente.atividades(chamadas=chamadas),
        cliente.unidades(chamadas=chamadas),
        cliente.municipios(uf, chamadas=chamadas),
    )


@transaction.atomic
def _guardar(canal: CanalNfse, usuario: Usuario, uf: str, lidos: Lidos) -> None:
    # Two people at once would wait for each other, row by row.
    CanalNfse.objects.select_for_update(no_key=True).get(pk=canal.pk)
    referencias.trocar_atividades(canal, lidos.atividades)
    referencias.guardar(canal, [*lidos.unidades, *lidos.municipios])
    CanalNfse.objects.filter(pk=canal.pk).update(referencias_em=Now())
    auditoria.registrar(
        usuario=usuario,
        acao="canal.cadastros",
        objeto=canal,
        resumo=f"Cadastros do canal {canal.codigo} lidos do SISGENF-e: {lidos}",
        dados={"uf": uf, "atividades": len(lidos.atividades)},
    )


# -- for the screen ----------------------------------------------------------------------------------------------------


def resumo(canal: CanalNfse) -> list[Grupo]:
    """Of each kind, how many are kept and since when."""
    linhas = canal.referencias.order_by().values_list("especie").annotate(Count("pk"), Min("lida_em"))
    contas: dict[str, tuple[int, datetime | None]] = {especie: (quantas, desde) for especie, quantas, desde in linhas}
    return [
        Grupo(especie.value, rotulo, *contas.get(especie.value, (0, None)))
        for especie, rotulo in (
            (Especie.ATIVIDADE, "Atividades do prestador"),
            (Especie.UNIDADE, "Unidades de medida"),
            (Especie.MUNICIPIO, "Municípios"),
        )
    ]


def ufs_de(canal: CanalNfse) -> list[str]:
    """The UFs to choose from, the prestador's own first."""
    sua = canal.empresa.municipio.uf if canal.empresa.municipio else ""
    return [uf for uf in (sua, *(outra for outra in UFS if outra != sua)) if uf]


def lista_de(params: QueryDict, canal: CanalNfse) -> Lista[QuerySet[ReferenciaCanal]]:
    return Lista(
        params=params,
        base=canal.referencias.all(),
        ordens={"codigo": ["codigo"], "nome": ["nome"], "id": ["id_servico"], "lida": ["lida_em"]},
        ordem_padrao="nome",
        procurar=_procurar,
        filtros=[
            Filtro("especie", "Espécie", lambda consulta, valor: consulta.filter(especie=valor), Especie.choices),
        ],
    )


def _procurar(consulta: QuerySet[ReferenciaCanal], texto: str) -> QuerySet[ReferenciaCanal]:
    achado = Q(nome__icontains=texto) | Q(codigo__icontains=texto) | Q(lc116__startswith=texto)
    if texto.isdecimal() and len(texto) < 10:
        achado |= Q(id_servico=int(texto))
    return consulta.filter(achado) if normalizar(texto) else consulta.none()
