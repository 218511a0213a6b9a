"""What is read of the empresas of a page of the first page's grid, to say why each cell stands where it does."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Empresa
from guias.models import Guia
from guias.services import quadro_mei
from guias.services.linhas import Linha as LinhaDoSimples
from guias.services.linhas import linhas_de
from guias.services.quadro import SEM_ACESSO, acoes_seguintes
from guias.services.quadro_mei import Motivo
from nfse.models import Contrato, Nota
from operacoes.models import Operacao, Situacao
from pagar.lista_titulos import precisam_de_pessoa
from pagar.models import Titulo
from painel.celulas import NOMES, PREFIXO_MEI, Grau, estado_de
from painel.fotografia import Combo, Fotografia, NaLista, NoSimples


@dataclass
class Detalhes:
    """All by empresa. `por_que_nota` and `por_que_titulo`: the words about one of those that made it stop."""

    simples: dict[int, LinhaDoSimples]
    mei: dict[int, Motivo]
    guias: dict[int, list[Guia]]
    notas: dict[int, dict[str, int]]
    por_que_nota: dict[int, str]
    contratos: dict[int, int]
    titulos: dict[int, dict[str, Any]]
    por_que_titulo: dict[int, str]
    hoje: date


def ler(empresas: Iterable[Empresa], competencia: date, usuario: Usuario, foto: Fotografia) -> Detalhes:
    """Of empresas of the photograph. A fixed number of queries, whatever the empresas."""
    combos = {empresa.pk: combo for empresa in empresas if (combo := foto.de(empresa.pk)) is not None}
    pks = list(combos)
    do_simples = linhas_de(
        _como_na_lista(empresas, foto.simples),
        competencia,
        acoes_seguintes() if usuario.opera else {},
        {pk for pk, combo in combos.items() if not set(SEM_ACESSO).isdisjoint(combo)},
    )
    meis = _como_na_lista((e for e in empresas if _na(combos[e.pk], "das").startswith(PREFIXO_MEI)), foto.mei)
    guias = defaultdict(list)
    suas = Guia.objects.visiveis(usuario).que_contam().filter(empresa__in=pks, competencia=competencia)
    for guia in suas.prefetch_related("entregas__operacao").defer("composicao").order_by("limite", "pk"):
        guias[guia.empresa_id].append(guia)
    notas: dict[int, dict[str, int]] = defaultdict(dict)
    do_mes = Nota.objects.visiveis(usuario).filter(empresa__in=pks, competencia=competencia).order_by()
    for pk, situacao, n in do_mes.values_list("empresa", "situacao").annotate(n=Count("pk")):
        notas[pk][situacao] = n
    contratos = (
        Contrato.objects.visiveis(usuario)
        .vigentes(competencia)
        .filter(empresa__in=pks)
        .order_by()
        .values("empresa")
        .annotate(n=Count("pk"))
    )
    titulos = (
        Titulo.objects.visiveis(usuario)
        .vivos()
        .filter(empresa__in=pks, competencia=competencia)
        .order_by()
        .values("empresa")
        .annotate(
            n=Count("pk"),
            saldo=Sum("saldo"),
            rascunhos=Count("pk", filter=Q(situacao=Titulo.Situacao.RASCUNHO)),
            abertos=Count("pk", filter=Q(situacao__in=[Titulo.Situacao.ABERTO, Titulo.Situacao.BORDERO])),
        )
    )
    return Detalhes(
        {linha.empresa.pk: linha for linha in do_simples},
        quadro_mei.motivos(meis, competencia),
        guias,
        notas,
        _por_que_nota(combos, competencia, usuario),
        dict(contratos.values_list("empresa", "n")),
        {linha["empresa"]: {**linha} for linha in titulos},
        _por_que_titulo(combos, competencia, usuario),
        timezone.localdate(),
    )


def _como_na_lista(empresas: Iterable[Any], onde: Mapping[int, NaLista | NoSimples]) -> list[Any]:
    """Those that a list of the month has, as it gives them: with the `estado` and the Operacao."""
    achadas = []
    for empresa in empresas:
        if (visto := onde.get(empresa.pk)) is not None:
            empresa.estado, empresa.op_pk = visto.estado, visto.operacao
            achadas.append(empresa)
    return achadas


def _na(combo: Combo, obrigacao: str) -> str:
    return combo[1 + NOMES.index(obrigacao)]


def _paradas(combos: dict[int, Combo], obrigacao: str) -> dict[int, str]:
    """The state of those that need somebody."""
    estados = ((pk, _na(combo, obrigacao)) for pk, combo in combos.items())
    return {pk: estado for pk, estado in estados if estado_de(obrigacao, estado).grau is Grau.PRECISA}


def _por_que_nota(combos: dict[int, Combo], competencia: date, usuario: Usuario) -> dict[int, str]:
    paradas = _paradas(combos, "nota")
    if not paradas:
        return {}
    operacoes = Operacao.objects.visiveis(usuario).filter(
        situacao=Situacao.AGUARDA_PESSOA, tipo__startswith="nfse.", empresa__in=paradas
    )
    em_duvida = {
        nota: dito for nota, dito in operacoes.values_list("pedido__nota", "mensagem") if isinstance(nota, int)
    }
    notas = Nota.objects.visiveis(usuario).filter(empresa__in=paradas, competencia=competencia)
    notas = notas.filter(Q(situacao=Nota.Situacao.RECUSADA) | Q(pk__in=em_duvida)).order_by("pk")
    ditas: dict[int, str] = {}
    for pk, empresa, situacao, mensagem in notas.values_list("pk", "empresa", "situacao", "operacao__mensagem"):
        da_recusa = mensagem if situacao == Nota.Situacao.RECUSADA else ""
        if dito := da_recusa if paradas[empresa] == "recusada" else em_duvida.get(pk):
            ditas.setdefault(empresa, dito)
    return ditas


def _por_que_titulo(combos: dict[int, Combo], competencia: date, usuario: Usuario) -> dict[int, str]:
    paradas = _paradas(combos, "titulo")
    if not paradas:
        return {}
    titulos = Titulo.objects.visiveis(usuario).vivos().filter(empresa__in=paradas, competencia=competencia)
    linhas = list(titulos.filter(precisam_de_pessoa()).order_by("vencimento", "pk"))
    # Of an act on several titles only who sees all of them reads the words.
    atos = {pk for titulo in linhas for pk in (titulo.em_curso_id, titulo.operacao_id) if pk}
    em_duvida = Operacao.objects.visiveis(usuario).filter(pk__in=atos, situacao=Situacao.AGUARDA_PESSOA)
    perguntas = dict(em_duvida.values_list("pk", "mensagem"))
    ditos: dict[int, str] = {}
    for titulo in linhas:
        dito = {
            "recusado": titulo.mensagem if titulo.situacao == Titulo.Situacao.RECUSADO else "",
            "com_aviso": titulo.aviso
            or ("Código de barras pendente no ERP." if titulo.barras == Titulo.Barras.PENDENTE else ""),
            "duvida": next((perguntas[pk] for pk in (titulo.em_curso_id, titulo.operacao_id) if pk in perguntas), ""),
        }[paradas[titulo.empresa_id]]
        if dito:
            ditos.setdefault(titulo.empresa_id, dito)
    return ditos
