"""The empresas of a page, cell by cell: the state, why it stopped, and the one next action, if there is any."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from comum.formatos import contar, format_data, format_dinheiro
from comum.listas import enderecos
from comum.models import Usuario
from empresas.models import Empresa
from guias.models import Guia
from nfse.models import Nota
from pagar.models import Titulo
from painel.celulas import NOMES, OBRIGACOES, PREFIXO_MEI, Grau, estado_de
from painel.detalhes import Detalhes, ler
from painel.fotografia import Fotografia
from painel.lista import nome_do_regime


@dataclass(slots=True)
class Celula:
    """`acao` is the words of the next step and `url` where it is taken; empty when there is none, or not for them."""

    obrigacao: str
    rotulo: str
    tom: str
    grau: Grau
    detalhe: str = ""
    acao: str = ""
    url: str = ""


@dataclass(slots=True)
class Linha:
    """`url`: its apuração of the month, or the empresa itself."""

    empresa: Empresa
    url: str
    regime: str
    celulas: list[Celula]


def linhas_do_painel(pagina: Iterable[Empresa], competencia: date, foto: Fotografia, usuario: Usuario) -> list[Linha]:
    """In a fixed number of queries, whatever the empresas."""
    # One made after the photograph waits for the next.
    vistas = [(empresa, combo) for empresa in pagina if (combo := foto.de(empresa.pk)) is not None]
    detalhes = ler([empresa for empresa, _ in vistas], competencia, usuario, foto)
    da_empresa, da_apuracao = enderecos("empresas:ver"), enderecos("guias:ver")
    linhas = []
    for empresa, combo in vistas:
        celulas = []
        for nome, valor in zip(NOMES, combo[1:], strict=True):
            estado = estado_de(nome, valor)
            celula = Celula(OBRIGACOES[nome].rotulo, estado.rotulo, estado.tom, estado.grau)
            if estado.grau is not Grau.NADA:
                _DIZER[nome](celula, valor, empresa, detalhes)
            if not usuario.opera:
                celula.acao = celula.url = ""
            celulas.append(celula)
        simples = detalhes.simples.get(empresa.pk)
        url = da_apuracao(simples.apuracao.pk) if simples and simples.apuracao else da_empresa(empresa.pk)
        linhas.append(Linha(empresa, url, nome_do_regime(combo), celulas))
    return linhas


# -- what each cell says ---------------------------------------------------------------------------------------------


def _ir(celula: Celula, acao: str, nome: str, **parametros: Any) -> None:
    celula.acao = acao
    celula.url = reverse(nome) + (f"?{urlencode(parametros)}" if parametros else "")


def _receita(celula: Celula, valor: str, empresa: Empresa, d: Detalhes) -> None:
    if valor == "falta":
        celula.detalhe = "Informe as receitas ou marque sem movimento."
        _ir(celula, "Informar", "guias:receitas", q=empresa.documento)
    elif valor == "informada" and (linha := d.simples.get(empresa.pk)) and linha.apuracao:
        celula.detalhe = format_dinheiro(linha.apuracao.receita_total)


def _do_simples(nome: str, celula: Celula, valor: str, empresa: Empresa, d: Detalhes) -> None:
    """The reason and the next step that the month's list gives the empresa, in the cell where it stopped."""
    linha = d.simples.get(empresa.pk)
    if linha is None:
        return
    apuracao = linha.apuracao
    if celula.grau in (Grau.PRECISA, Grau.A_FAZER) or valor == "em_andamento":
        celula.detalhe, celula.acao, celula.url = linha.detalhe, linha.acao, linha.acao_url
        if nome == "apuracao" and apuracao is not None and apuracao.impedimento and valor == "nao_calculada":
            celula.detalhe = apuracao.impedimento
            celula.acao, celula.url = "Completar", reverse("guias:historico", args=[apuracao.pk])
        elif nome == "apuracao" and valor in ("a_conferir", "simulada") and apuracao is not None:
            # Without access to the Receita the values can be checked all the same.
            celula.acao, celula.url = "Conferir", reverse("guias:ver", args=[apuracao.pk])
            celula.detalhe = linha.detalhe if linha.detalhe.startswith("Difere") else _calculado(apuracao)
        elif nome == "transmissao" and valor == "sem_procuracao" and apuracao is not None:
            celula.acao, celula.url = "Ver o que falta", reverse("guias:ver", args=[apuracao.pk])
    elif apuracao is not None and valor == "conferida" and apuracao.total_aprovado is not None:
        celula.detalhe = format_dinheiro(apuracao.total_aprovado)
    elif apuracao is not None and valor == "transmitida" and apuracao.transmitida_em:
        celula.detalhe = f"em {format_data(timezone.localdate(apuracao.transmitida_em))}"


def _calculado(apuracao: Any) -> str:
    valor = apuracao.total_simulado if apuracao.total_simulado is not None else apuracao.total_calculado
    return "" if valor is None else format_dinheiro(valor)


def _das(celula: Celula, valor: str, empresa: Empresa, d: Detalhes) -> None:
    guias = d.guias.get(empresa.pk, [])
    if valor == "problema":
        com = [guia for guia in guias if guia.problema]
        celula.detalhe = com[0].problema if com else ""
        _ir(celula, "Ver a guia", "guias:lista", q=com[0].numero if com else empresa.documento)
    elif valor == "emitida" and guias:
        celula.detalhe = f"{_valor(guias)} até {format_data(guias[0].limite)}"
    elif valor.startswith(PREFIXO_MEI):
        _do_mei(celula, empresa, d)
    else:
        _do_simples("das", celula, valor, empresa, d)


def _do_mei(celula: Celula, empresa: Empresa, d: Detalhes) -> None:
    """The reason and the way out that the month's list of the MEI gives."""
    if motivo := d.mei.get(empresa.pk):
        celula.detalhe, celula.acao, celula.url = motivo.detalhe, motivo.acao, motivo.url
    elif celula.grau is Grau.A_FAZER:
        _ir(celula, "Emitir", "guias:mei", q=empresa.documento)
    elif celula.grau is Grau.PRECISA:
        celula.acao, celula.url = "Ver os meses", reverse("guias:mei_ver", args=[empresa.pk])


def _valor(guias: list[Guia]) -> str:
    total = format_dinheiro(sum(guia.total for guia in guias))
    return total if len(guias) == 1 else f"{len(guias)} guias, {total}"


def _entrega(celula: Celula, valor: str, empresa: Empresa, d: Detalhes) -> None:
    guias = d.guias.get(empresa.pk, [])
    entregas = [entrega for guia in guias for entrega in guia.entregas.all()]
    if valor == "falta":
        sem = [guia for guia in guias if guia.paga_em is None and not guia.entregas.all()]
        celula.detalhe = _valor(sem) if sem else ""
        _ir(celula, "Entregar", "guias:lista", q=sem[0].numero if len(sem) == 1 else empresa.documento)
    elif valor == "nao_entregue":
        for entrega in entregas:
            if entrega.enviada_em is None and entrega.operacao is not None:
                celula.detalhe = f"{entrega.para}: {entrega.operacao.mensagem}"
                celula.acao, celula.url = "Ver operação", entrega.operacao.get_absolute_url()
    elif valor == "enviada":
        nao_lidas = [e for e in entregas if e.enviada_em and not e.lida_em]
        if nao_lidas:
            celula.detalhe = f"{nao_lidas[0].para}, {format_data(timezone.localdate(nao_lidas[0].enviada_em))}"
    elif valor == "lida" and entregas:
        celula.detalhe = f"em {format_data(timezone.localdate(max(e.lida_em for e in entregas if e.lida_em)))}"


def _pagamento(celula: Celula, valor: str, empresa: Empresa, d: Detalhes) -> None:
    guias = d.guias.get(empresa.pk, [])
    if valor == "paga":
        pagas = [guia.paga_em for guia in guias if guia.paga_em]
        celula.detalhe = f"em {format_data(max(pagas))}" if pagas else ""
        return
    abertas = [guia for guia in guias if guia.paga_em is None]
    if not abertas:
        return
    dias = (abertas[0].limite - d.hoje).days
    if valor == "vencida":
        celula.detalhe = f"venceu há {contar(-dias, 'dia', 'dias')}"
        _ir(celula, "2ª via", "guias:lista", q=abertas[0].numero)
    else:
        celula.detalhe = "vence hoje" if dias == 0 else f"vence em {contar(dias, 'dia', 'dias')}"


def _nota(celula: Celula, valor: str, empresa: Empresa, d: Detalhes) -> None:
    situacao, notas = Nota.Situacao, d.notas.get(empresa.pk, {})
    ver = partial(_ir, celula, nome="nfse:notas", empresa=empresa.pk)
    if valor == "recusada":
        celula.detalhe = _com_motivo(_notas(notas.get(situacao.RECUSADA, 0)), d.por_que_nota.get(empresa.pk))
        ver("Corrigir", situacao=situacao.RECUSADA)
    elif valor == "duvida":
        celula.detalhe = d.por_que_nota.get(empresa.pk, "")
        ver("Ver as notas")
    elif valor == "a_emitir":
        if rascunhos := notas.get(situacao.RASCUNHO, 0):
            celula.detalhe = contar(rascunhos, "rascunho", "rascunhos")
            ver("Emitir", situacao=situacao.RASCUNHO)
        else:
            celula.detalhe = contar(d.contratos.get(empresa.pk, 0), "contrato", "contratos")
            _ir(celula, "Gerar", "nfse:contratos_gerar", nota="falta", empresa=empresa.pk)
    elif valor == "em_andamento":
        celula.detalhe = _notas(notas.get(situacao.EMITINDO, 0) + notas.get(situacao.CANCELANDO, 0))
        ver("Acompanhar")
    else:
        celula.detalhe = _notas(notas.get(situacao.AUTORIZADA, 0))


def _notas(quantas: int) -> str:
    return contar(quantas, "nota", "notas")


def _com_motivo(quantas: str, motivo: str | None) -> str:
    return f"{quantas}: {motivo}" if motivo else quantas


def _titulo(celula: Celula, valor: str, empresa: Empresa, d: Detalhes) -> None:
    titulos = d.titulos.get(empresa.pk, {})
    ver = partial(_ir, celula, nome="pagar:titulos", empresa=empresa.pk)
    if valor == "a_gerar":
        celula.detalhe = _valor(d.guias.get(empresa.pk, []))
        _ir(celula, "Gerar", "pagar:das_guias", titulo="falta", q=empresa.documento)
    elif valor == "a_enviar":
        celula.detalhe = contar(titulos.get("rascunhos", 0), "título", "títulos")
        ver("Enviar", situacao=Titulo.Situacao.RASCUNHO)
    elif valor in ("recusado", "com_aviso", "duvida"):
        celula.detalhe = d.por_que_titulo.get(empresa.pk, "")
        ver("Ver por quê", situacao="precisam")
    elif valor == "em_aberto":
        celula.detalhe = format_dinheiro(titulos.get("saldo") or 0)
    elif valor == "liquidado":
        celula.detalhe = contar(titulos.get("n", 0), "título", "títulos")


_DIZER: dict[str, Callable[[Celula, str, Empresa, Detalhes], None]] = {
    "receita": _receita,
    "apuracao": partial(_do_simples, "apuracao"),
    "transmissao": partial(_do_simples, "transmissao"),
    "das": _das,
    "entrega": _entrega,
    "pagamento": _pagamento,
    "nota": _nota,
    "titulo": _titulo,
}
