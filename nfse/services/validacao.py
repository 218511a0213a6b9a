"""What keeps a note from being issued, field by field, at zero cost: the rules known here before anything leaves."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst

from comum.formatos import (
    MAXIMO_EM_DINHEIRO,
    MAXIMO_PERCENTUAL,
    format_competencia,
    format_data,
    format_dinheiro,
    format_numero,
)
from empresas.models import Empresa, Regime, ServicoNacional
from nfse.campos import MAIOR_TEXTO, nacional_de_outro_item
from nfse.models import (
    CanalNfse,
    Cancelamento,
    ConvenioNacional,
    EmissorMunicipal,
    Nota,
    NotaItem,
    ParametroMunicipal,
    ReferenciaCanal,
    Servico,
    TipoCanal,
)
from nfse.models.exigencias import RegimeApuracao, codigo
from nfse.providers import integranotas, sisgenfe
from nfse.providers.interface import Emissao
from nfse.providers.interface import Problema as Achado
from nfse.providers.nacional import presencas, problemas_ibscbs
from nfse.providers.nacional import problemas as problemas_nacionais
from nfse.providers.nacional.dps import dia_do_servico
from nfse.providers.nacional.valores import Dps, Simples, Substituicao
from nfse.services import convenios, emissores, exigencias, municipais, nacional, parametros
from nfse.services.acesso import impedimento_de
from nfse.services.calculo import ISS_MAXIMO, item_sem_zero
from nfse.services.pedidos import Pedido, emissao_de, linha_de
from nfse.services.regras import Rota, Rotas
from operacoes.models import Pausa

ZERO = Decimal(0)
_FEDERAIS_NO_SIMPLES = tuple(
    codigo("regime_apuracao", 2, apuracao) for apuracao in (RegimeApuracao.NO_SIMPLES, RegimeApuracao.ISS_POR_FORA)
)


@dataclass(frozen=True)
class Problema:
    """One thing wrong. `campo` names where: "tomador", "competencia", "itens.0.aliquota" (lines from 0); empty for the
    note as a whole. `codigo` groups the same thing said of many notes. `mensagem` is pt-BR: what, and what next."""

    campo: str
    codigo: str
    mensagem: str


class Contexto:
    """What the rules look at, read once for all the notes of these empresas."""

    def __init__(self, empresas: Iterable[Empresa]) -> None:
        self.hoje = timezone.localdate()
        self._empresas = list(empresas)
        self.rotas = Rotas(self._empresas)
        self.pausas = dict(Pausa.objects.values_list("acesso", "motivo"))
        self._atividades: dict[UUID, dict[int, ReferenciaCanal]] | None = None
        self._exigem_obra: frozenset[int] | None = None

    def exigem_obra(self) -> frozenset[int]:
        """The serviços of these empresas that are of a construction site."""
        if self._exigem_obra is None:
            pks = [empresa.pk for empresa in self._empresas if empresa.pk is not None]
            deles = Servico.objects.filter(empresa__in=pks, exige_obra=True)
            self._exigem_obra = frozenset(deles.values_list("pk", flat=True))
        return self._exigem_obra

    @cached_property
    def em_cancelamento(self) -> set[int]:
        """The notes of these empresas whose cancellation was asked for and is not decided."""
        abertos = Cancelamento.objects.filter(situacao__in=Cancelamento.ABERTOS, nota__empresa__in=self._empresas)
        return set(abertos.values_list("nota", flat=True))

    @cached_property
    def substitutas(self) -> dict[int, int]:
        """Of the replaced notes of these empresas, the one that replaces it, drafts too; refused ones aside."""
        delas = Nota.objects.filter(empresa__in=self._empresas, substitui__isnull=False)
        vivas = delas.exclude(situacao__in=Nota.SUBSTITUTAS_MORTAS).values_list("substitui", "pk")
        return {antiga: nova for antiga, nova in vivas if antiga is not None}

    @cached_property
    def convenios(self) -> dict[str, ConvenioNacional]:
        """What is known of each município's agreement with the national system."""
        return {municipio: convenio for municipio, convenio in self._convenios.items() if convenio.lido_em is not None}

    @cached_property
    def convenios_nao_lidos(self) -> dict[str, ConvenioNacional]:
        """The agreements that were asked for and never read."""
        return {municipio: convenio for municipio, convenio in self._convenios.items() if convenio.lido_em is None}

    @cached_property
    def _convenios(self) -> dict[str, ConvenioNacional]:
        return {convenio.municipio_id: convenio for convenio in ConvenioNacional.objects.select_related("municipio")}

    @cached_property
    def parametros(self) -> dict[parametros.Pergunta, ParametroMunicipal]:
        """What the active municípios set for the months of these empresas' drafts."""
        em_preparo = Nota.objects.filter(empresa__in=self._empresas, situacao__in=Nota.EDITAVEIS).order_by()
        lugar = Q(municipio__in={empresa.municipio_id for empresa in self._empresas if empresa.municipio_id})
        lugar |= Q(municipio__in=em_preparo.values("municipio_incidencia"))
        lidos = ParametroMunicipal.objects.filter(lugar, competencia__in=em_preparo.values("competencia"))
        ativos = {municipio for municipio, convenio in self.convenios.items() if convenio.ativo}
        return {
            parametros.pergunta_de(lido): lido
            for lido in lidos.select_related("municipio")
            if lido.municipio_id in ativos
        }

    @cached_property
    def emissores(self) -> set[str]:
        """The municípios with an emitter of their own that speaks the same API."""
        return set(EmissorMunicipal.objects.filter(ativo=True).values_list("municipio", flat=True))

    @cached_property
    def servicos_nacionais(self) -> dict[str, tuple[str, str]]:
        """What the official table says of each national code: its item of LC 116 (empty: of none), and the group it
        asks for ("obra", "atvEvento", empty for neither)."""
        linhas = ServicoNacional.objects.values_list("codigo", "item_lc116", "grupo_obrigatorio")
        return {codigo: (item, grupo) for codigo, item, grupo in linhas}

    def declaracao(self, nota: Nota, canal: CanalNfse, incidencia: str) -> Pedido:
        """What the DPS of a note says beyond its Emissao (services.nacional). `nota` with empresa at hand."""
        convenio = self.convenios.get(incidencia)
        regime = self.rotas.regime(nota.empresa, nota.competencia)
        return nacional.declaracao_de(nota, canal, regime, incidencia_ativa=convenio is None or convenio.ativo)

    def atividades(self, rota: Rota) -> dict[int, ReferenciaCanal]:
        """The atividades that the prestador may use at SISGENF-e, by internal id; empty while they were never read."""
        if rota.canal is None:
            return {}
        if self._atividades is None:
            self._atividades = defaultdict(dict)
            da_especie = ReferenciaCanal.objects.filter(especie=ReferenciaCanal.Especie.ATIVIDADE)
            for lida in da_especie.filter(canal__in=self.rotas.canais).defer("dados"):
                self._atividades[lida.canal_id][lida.id_servico] = lida
        return self._atividades.get(rota.canal.pk, {})


def problemas(nota: Nota, itens: Iterable[NotaItem], contexto: Contexto) -> list[Problema]:
    """Everything wrong with a note, in the order of its form; empty when it can go. `nota` with empresa (and its
    município) and tomador at hand."""
    rota = contexto.rotas.rota(nota.empresa, nota.competencia)
    linhas = list(itens)
    achados = [
        *_datas(nota, contexto.hoje),
        *_tomador(nota, rota),
        *_textos("observacao", nota.observacao),
        *_total(nota),
        *_substituta(nota, rota, contexto),
    ]
    if not linhas:
        achados.append(Problema("itens", "sem-itens", "A nota não tem itens. Inclua ao menos um serviço com valor."))
    for numero, item in enumerate(linhas):
        achados += _item(nota, item, f"itens.{numero}", rota, contexto)
    achados += [Problema(*falta) for falta in exigencias.faltas(nota, linhas, rota.canal, contexto.exigem_obra)]
    vistos = {problema.campo for problema in achados}  # said in our own words already
    achados += [problema for problema in _do_servico(nota, linhas, rota, contexto) if problema.campo not in vistos]
    return [*achados, *_canal(rota, contexto)]


def _datas(nota: Nota, hoje: date) -> Iterable[Problema]:
    if nota.emissao > hoje:
        yield Problema(
            "emissao",
            "emissao-futura",
            f"A data de emissão {format_data(nota.emissao)} ainda não chegou. Use até {format_data(hoje)}.",
        )
    if nota.competencia > nota.emissao:
        yield Problema(
            "competencia",
            "competencia-futura",
            f"A competência {format_competencia(nota.competencia)} é depois da data de emissão "
            f"({format_data(nota.emissao)}). Corrija uma das duas.",
        )


def _tomador(nota: Nota, rota: Rota) -> Iterable[Problema]:
    tomador = nota.tomador
    if not tomador.ativo:
        yield Problema(
            "tomador", "tomador-inativo", f"O tomador {tomador.nome} está inativo. Reative-o ou escolha outro."
        )
    if not tomador.tem_endereco:
        partes = "logradouro, número e cidade" if tomador.no_exterior else "logradouro, número, bairro, CEP e município"
        yield Problema(
            "tomador",
            "tomador-sem-endereco",
            f"Falta o endereço completo de {tomador.nome} ({partes}). Complete o cadastro do tomador.",
        )
    if rota.canal is not None and tomador.no_exterior and rota.canal.tipo != TipoCanal.NACIONAL:
        yield Problema(
            "tomador",
            "tomador-no-exterior",
            f"{capfirst(TipoCanal(rota.canal.tipo).com(''))} só aceita tomador com CPF ou CNPJ e endereço no Brasil. "
            f"{tomador.nome} está no exterior: esta nota vai pela NFS-e Nacional, se a empresa tem esse canal na "
            "competência, ou pelo portal do município.",
        )


def _textos(campo: str, texto: str) -> Iterable[Problema]:
    if len(texto) > MAIOR_TEXTO:
        yield Problema(
            campo,
            "texto-longo",
            f"O texto tem {format_numero(len(texto))} caracteres e o máximo é {format_numero(MAIOR_TEXTO)}. Encurte-o.",
        )
    if dito := caracteres_recusados(texto):
        yield Problema(campo, "caractere", dito)


def caracteres_recusados(texto: str) -> str:
    """What the town halls do not take in a text, said in pt-BR; empty for nothing."""
    estranhos = sorted(letra for letra in set(texto) if not aceita(letra))
    if not estranhos:
        return ""
    mostra = " ".join(letra if letra.isprintable() else f"U+{ord(letra):04X}" for letra in estranhos[:5])
    return f"O texto tem caracteres que as prefeituras não aceitam: {mostra}. Apague-os (emojis e símbolos)."


def aceita(letra: str) -> bool:
    """Letters, digits, punctuation and the signs of a keyboard; no emoji, no control but the line's end."""
    if letra in "\n\r\t":
        return True
    if ord(letra) > 0xFFFF:
        return False
    return unicodedata.category(letra) not in ("Cc", "Cf", "Cn", "Co", "Cs", "So") or letra in "°ºª©®"


def _total(nota: Nota) -> Iterable[Problema]:
    if nota.valor_servicos > MAXIMO_EM_DINHEIRO:
        yield Problema(
            "itens",
            "total-grande",
            f"Os itens somam {format_dinheiro(nota.valor_servicos)}, mais do que cabe numa nota. Divida-a.",
        )


def _substituta(nota: Nota, rota: Rota, contexto: Contexto) -> Iterable[Problema]:
    """What it replaces is still there to be replaced, at the channel by which this one goes, and by this one alone."""
    antiga = nota.substitui
    if antiga is None:
        return
    if antiga.situacao != Nota.Situacao.AUTORIZADA or antiga.pk in contexto.em_cancelamento:
        situacao = antiga.get_situacao_display() if antiga.situacao != Nota.Situacao.AUTORIZADA else "Em cancelamento"
        yield Problema(
            "",
            "substituida-encerrada",
            f"A nota {antiga.nome}, que esta substitui, está “{situacao}”. Abandone esta e emita uma nota nova.",
        )
    elif rota.canal is not None and rota.canal.pk != antiga.canal_id:
        yield Problema(
            "",
            "substituida-de-outro-canal",
            f"A nota {antiga.nome}, que esta substitui, saiu por {antiga.canal}, e esta iria por {rota.canal}. Use a "
            "competência daquela, ou abandone esta, cancele aquela e emita uma nota nova.",
        )
    outra = contexto.substitutas.get(antiga.pk)
    if outra is not None and outra != nota.pk:
        yield Problema(
            "",
            "outra-substituta",
            f"A nota {antiga.nome} já tem outra substituta, mais nova que esta. Emita aquela e abandone esta.",
        )


def _item(nota: Nota, item: NotaItem, campo: str, rota: Rota, contexto: Contexto) -> Iterable[Problema]:
    if not item.descricao.strip():
        yield Problema(f"{campo}.descricao", "sem-descricao", "Falta a descrição do serviço.")
    yield from _textos(f"{campo}.descricao", item.descricao)
    linha = linha_de(item)
    if linha.base < 0:
        yield Problema(
            f"{campo}.{'desconto' if item.desconto > (item.deducao or ZERO) else 'deducao'}",
            "deducao-maior",
            f"Deduções e descontos ({format_dinheiro((item.deducao or ZERO) + item.desconto)}) passam do valor do item "
            f"({format_dinheiro(linha.valor)}).",
        )
    if linha.retido > linha.valor:
        yield Problema(
            f"{campo}.retencoes",
            "retencao-maior",
            f"As retenções ({format_dinheiro(linha.retido)}) passam do valor do item ({format_dinheiro(linha.valor)}).",
        )
    yield from _iss(nota, item, campo)
    if rota.canal is not None and rota.canal.tipo == TipoCanal.SISGENFE:
        yield from _atividade(item, campo, rota, contexto)
    elif rota.canal is not None and rota.canal.versao_emissao == 2:
        yield from _nacional(item, campo, contexto)


def _iss(nota: Nota, item: NotaItem, campo: str) -> Iterable[Problema]:
    if item.aliquota is None:
        if nota.iss_retido:
            yield Problema(
                f"{campo}.aliquota",
                "iss-retido-sem-aliquota",
                "O tomador retém o ISS, e falta a alíquota que diz quanto. Informe-a, ou desmarque a retenção.",
            )
    elif not ZERO <= item.aliquota <= teto_do_iss():
        yield Problema(
            f"{campo}.aliquota",
            "iss-fora-da-faixa",
            f"A alíquota do ISS de {_percentual(item.aliquota)} passa do máximo de {_percentual(teto_do_iss())}. "
            "Confira a alíquota.",
        )


def teto_do_iss() -> Decimal:
    """In percent: the ceiling of LC 116, art. 8, II, unless the installation lets more through."""
    return MAXIMO_PERCENTUAL if settings.NFSE_ISS_ACIMA_DE_5 else ISS_MAXIMO


def _atividade(item: NotaItem, campo: str, rota: Rota, contexto: Contexto) -> Iterable[Problema]:
    """The atividade is one of the prestador's, and of the same item of LC 116."""
    atividades, lc116 = contexto.atividades(rota), item_sem_zero(item.item_lc116_id)
    if not atividades:
        yield Problema(
            f"{campo}.atividade",
            "atividades-nao-lidas",
            "As atividades deste prestador no SISGENF-e ainda não foram lidas. Abra o canal dele em Canais, aba "
            "Cadastros do serviço, e use Atualizar cadastros.",
        )
    elif item.atividade is None:
        yield Problema(f"{campo}.atividade", "sem-atividade", "Escolha a atividade do prestador no SISGENF-e (CNAE).")
    elif item.atividade not in atividades:
        yield Problema(
            f"{campo}.atividade",
            "atividade-de-outro",
            "A atividade escolhida não é deste prestador no SISGENF-e. Escolha outra, ou atualize os cadastros do "
            "canal.",
        )
    elif (dela := atividades[item.atividade].lc116) and item_sem_zero(dela) != lc116:
        yield Problema(
            f"{campo}.item_lc116",
            "lc116-da-atividade",
            f"A atividade escolhida é do item {item_sem_zero(dela)} da LC 116, e o serviço está como {lc116}. Use o "
            "mesmo item.",
        )


def _nacional(item: NotaItem, campo: str, contexto: Contexto) -> Iterable[Problema]:
    """The national code, which alone is sent, is of the item of LC 116 that the screens show."""
    dele, _ = contexto.servicos_nacionais.get(item.codigo_nacional, ("", None))
    if dito := nacional_de_outro_item(item.codigo_nacional, dele, item_sem_zero(item.item_lc116_id)):
        yield Problema(f"{campo}.codigo_nacional", "lc116-do-codigo-nacional", dito)


def _do_servico(nota: Nota, itens: Sequence[NotaItem], rota: Rota, contexto: Contexto) -> Iterable[Problema]:
    """What the channel's own client finds wrong, in the places of our form."""
    canal = rota.canal
    if canal is None or not itens:
        return
    emissao = emissao_de(nota, itens, canal, emissao=timezone.now())
    if canal.tipo == TipoCanal.SISGENFE:
        achados: Iterable[Achado] = sisgenfe.problemas(emissao)
    elif canal.tipo == TipoCanal.NACIONAL:
        yield from _do_nacional(nota, emissao, canal, contexto)
        return
    else:
        # The number comes when the note is submitted.
        numerada = replace(emissao, serie=canal.serie or "1", numero=emissao.numero or 1)
        achados = integranotas.problemas(numerada, canal.versao_emissao)
    for achado in achados:
        yield Problema(_lugar(achado.campo), f"{canal.tipo}-{_grupo(achado.campo)}", achado.mensagem)


def _do_nacional(nota: Nota, emissao: Emissao, canal: CanalNfse, contexto: Contexto) -> Iterable[Problema]:
    convenio = contexto.convenios.get(nota.empresa.municipio_id or "")
    # A MEI issues nationally whatever its município agreed to.
    mei = contexto.rotas.regime(nota.empresa, nota.competencia) == Regime.MEI
    if convenio is not None and not convenio.emite and not mei and convenio.municipio_id not in contexto.emissores:
        yield Problema(
            "",
            "nacional-convenio",
            f"{nota.empresa.municipio} não usa o emissor nacional, como se leu em "
            f"{format_data(timezone.localtime(convenio.lido_em))}. Emita pelo sistema do município, ou use Testar no "
            "canal para ler de novo.",
        )
    if emissao.municipio_incidencia not in contexto.convenios:
        nao_lido = contexto.convenios_nao_lidos.get(emissao.municipio_incidencia)
        yield Problema(
            "",
            "nacional-convenio-nao-lido",
            "Não se sabe se o município de incidência do ISS está ativo na NFS-e Nacional, o que decide quem informa a "
            f"alíquota. Use Testar no canal {canal}: ele pergunta." + (convenios.falha(nao_lido) if nao_lido else ""),
        )
    agora = timezone.now()
    dps = _dps(nota, emissao, canal, contexto, agora)
    servico = emissao.itens[0].codigo
    _, exigido = contexto.servicos_nacionais.get(servico, ("", None))
    if servico and exigido is None:
        yield Problema(
            "itens.0.codigo_nacional",
            "nacional-codigo",
            f"O código nacional {servico} não está na tabela oficial de serviços, e não se sabe se ele pede obra ou "
            "evento. Escolha um da tabela (F2).",
        )
    if nota.empresa.municipio_id not in contexto.emissores:  # an emitter of its own has rules of its own
        for dito in municipais.problemas(dps, nota.competencia, contexto.parametros):
            yield Problema(*dito)
    for achado in problemas_nacionais.problemas(dps, agora=agora, grupo_exigido=exigido):
        campo = exigencias.lugar_nacional(achado.campo)
        yield Problema(campo, f"nacional-{_grupo(achado.campo)}", achado.mensagem)


def _dps(nota: Nota, emissao: Emissao, canal: CanalNfse, contexto: Contexto, agora: datetime) -> Dps:
    """As it would be sent now, under a number that may be another."""
    declaracao = contexto.declaracao(nota, canal, emissao.municipio_incidencia)
    troca = None
    if nota.substitui is not None:
        proprio = emissores.endereco_da_nota(nota.substitui.pk) != emissores.NACIONAL
        troca = Substituicao(nota.substitui.chave, nota.substituicao["codigo"], nota.substituicao["motivo"], proprio)
    numerada = replace(emissao, serie=canal.serie or "1", numero=emissao.numero or 1, emissao=_quando(nota, agora))
    return nacional.dps_de(numerada, declaracao, troca)


def dps_da(nota: Nota, itens: Sequence[NotaItem], canal: CanalNfse, contexto: Contexto) -> Dps | None:
    """The declaration by which the note would go now; None at another channel."""
    if not exigencias.direto(canal) or not itens:
        return None
    agora = timezone.now()
    return _dps(nota, emissao_de(nota, itens, canal, emissao=agora), canal, contexto, agora)


def deve_ibs_cbs(nota: Nota, dps: Dps) -> bool:
    """Whether the law asks this note for IBS and CBS, and it would leave without them: nothing is kept from going."""
    if any(getattr(nota, nome) for nome in exigencias.IBS_CBS):
        return False
    return problemas_ibscbs.deve_e_nao_diz(dps, presencas.tracos(dps), dia_do_servico(dps))


def contribuicoes_no_simples(dps: Dps) -> bool:
    """Whether a note of the Simples, which pays PIS, COFINS and CSLL in its DAS, has them withheld (IN RFB 459/2004,
    art. 3, II) or as a debit of its own (CST 01): nothing is kept from going."""
    if dps.emitente.simples is not Simples.ME_EPP or dps.emissao.regime_apuracao not in _FEDERAIS_NO_SIMPLES:
        return False
    retidos = any(r.pis or r.cofins or r.csll for r in (item.retencoes for item in dps.emissao.itens))
    return retidos or (dps.pis_cofins is not None and dps.pis_cofins.situacao_tributaria == "01")


def _quando(nota: Nota, agora: datetime) -> datetime:
    """On the day of the note, and not in the future."""
    return min(agora, timezone.make_aware(datetime.combine(nota.emissao, time(12))))


_DO_ITEM = re.compile(r"^(?:servico\.)?itens?(?:\.(\d+))?\.?(.*)$")
_NOSSOS = {
    "discriminacao": "descricao",
    "informacoes_complementares": "observacao",
    "codigo_nbs": "nbs",
    "codigo": "atividade",
    "valor_servicos": "valor_unitario",
    "unidade_quantidade": "quantidade",
    "deducao": "deducao",
    "desconto": "desconto",
}


def _lugar(campo: str) -> str:
    """A path of a client's request as a field of our form."""
    if campo.startswith("tomador"):
        return "tomador"
    if da_exigencia := exigencias.lugar(campo):
        return da_exigencia
    if campo.startswith("servico") and "itens" not in campo:
        return f"itens.0.{_NOSSOS.get(campo.rpartition('.')[2], 'descricao')}"
    if achado := _DO_ITEM.match(campo):
        nome = achado[2].partition(".")[0]
        return f"itens.{achado[1] or 0}.{_NOSSOS.get(nome, nome or 'descricao')}"
    return _NOSSOS.get(campo, campo)


def _grupo(campo: str) -> str:
    """The same thing wrong in whatever line."""
    return re.sub(r"\.\d+", "", campo)


def _canal(rota: Rota, contexto: Contexto) -> Iterable[Problema]:
    canal = rota.canal
    if canal is None:
        yield Problema("", "sem-canal" if rota.regra is None else f"regra-{rota.regra.canal}", rota.motivo)
        return
    if canal.numera and not canal.serie:
        yield Problema("", "sem-serie", f"Falta a série do canal {canal}. Informe-a em Canais.")
    if impedimento := impedimento_de(canal):
        yield Problema("", "canal-incompleto", impedimento)
    elif canal.acesso in contexto.pausas:
        yield Problema(
            "",
            "canal-pausado",
            f"O canal {canal} está pausado: {contexto.pausas[canal.acesso]} Resolva em Canais e retome.",
        )


def _percentual(valor: Decimal) -> str:
    return f"{valor.normalize():f}".replace(".", ",") + " %"
