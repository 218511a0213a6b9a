"""What keeps a note from being issued, field by field, at zero cost: the rules known here before anything leaves."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from comum.formatos import format_competencia, format_data, format_dinheiro
from empresas.models import Empresa
from nfse.models import Nota, NotaItem, ReferenciaCanal, Servico, TipoCanal
from nfse.providers import integranotas, sisgenfe
from nfse.services import exigencias
from nfse.services.calculo import ISS_MAXIMO, ISS_MINIMO, item_sem_zero
from nfse.services.pedidos import emissao_de, linha_de
from nfse.services.regras import Rota, Rotas
from operacoes.models import Pausa

ZERO = Decimal(0)
MAIOR_TEXTO = 2000


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
    achados = [*_datas(nota, contexto.hoje), *_tomador(nota, rota), *_textos("observacao", nota.observacao)]
    if not linhas:
        achados.append(Problema("itens", "sem-itens", "A nota não tem itens. Inclua ao menos um serviço com valor."))
    for numero, item in enumerate(linhas):
        achados += _item(item, f"itens.{numero}", rota, contexto)
    achados += [Problema(*falta) for falta in exigencias.faltas(nota, linhas, rota.canal, contexto.exigem_obra)]
    vistos = {problema.campo for problema in achados}  # said in our own words already
    achados += [problema for problema in _do_servico(nota, linhas, rota) if problema.campo not in vistos]
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
        yield Problema(
            "tomador",
            "tomador-sem-endereco",
            f"Falta o endereço completo de {tomador.nome} (logradouro, número, bairro, CEP e município). Complete o "
            "cadastro do tomador.",
        )
    if rota.canal is not None and tomador.no_exterior:
        yield Problema(
            "tomador",
            "tomador-no-exterior",
            f"O {rota.canal.get_tipo_display()} só aceita tomador com CPF ou CNPJ e endereço no Brasil. "
            f"{tomador.nome} está no exterior: emita esta nota pelo portal do município.",
        )


def _textos(campo: str, texto: str) -> Iterable[Problema]:
    if len(texto) > MAIOR_TEXTO:
        yield Problema(
            campo, "texto-longo", f"O texto tem {len(texto)} caracteres e o máximo é {MAIOR_TEXTO}. Encurte-o."
        )
    if estranhos := sorted(letra for letra in set(texto) if not aceita(letra)):
        mostra = " ".join(letra if letra.isprintable() else f"U+{ord(letra):04X}" for letra in estranhos[:5])
        yield Problema(
            campo,
            "caractere",
            f"O texto tem caracteres que as prefeituras não aceitam: {mostra}. Apague-os (emojis e símbolos).",
        )


def aceita(letra: str) -> bool:
    """Letters, digits, punctuation and the signs of a keyboard; no emoji, no control but the line's end."""
    if letra in "\n\r\t":
        return True
    if ord(letra) > 0xFFFF:
        return False
    return unicodedata.category(letra) not in ("Cc", "Cf", "Cn", "Co", "Cs", "So") or letra in "°ºª©®"


def _item(item: NotaItem, campo: str, rota: Rota, contexto: Contexto) -> Iterable[Problema]:
    if not item.descricao.strip():
        yield Problema(f"{campo}.descricao", "sem-descricao", "Falta a descrição do serviço.")
    yield from _textos(f"{campo}.descricao", item.descricao)
    linha = linha_de(item)
    if linha.base < 0:
        yield Problema(
            f"{campo}.deducao",
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
    yield from _iss(item, campo)
    if rota.canal is not None and rota.canal.tipo == TipoCanal.SISGENFE:
        yield from _atividade(item, campo, rota, contexto)


def _iss(item: NotaItem, campo: str) -> Iterable[Problema]:
    teto = ISS_MAXIMO if not settings.NFSE_ISS_ACIMA_DE_5 else Decimal(100)
    if item.aliquota is None or ZERO <= item.aliquota <= teto:
        return
    yield Problema(
        f"{campo}.aliquota",
        "iss-fora-da-faixa",
        f"A alíquota do ISS de {_percentual(item.aliquota)} está fora da faixa da LC 116 "
        f"({_percentual(ISS_MINIMO)} a {_percentual(ISS_MAXIMO)}; zero para quem não recolhe). Confira a alíquota.",
    )


def _atividade(item: NotaItem, campo: str, rota: Rota, contexto: Contexto) -> Iterable[Problema]:
    """The atividade is one of the prestador's, and of the same item of LC 116."""
    atividades, lc116 = contexto.atividades(rota), item_sem_zero(item.item_lc116_id)
    if item.atividade is None:
        yield Problema(
            f"{campo}.atividade",
            "sem-atividade",
            "Escolha a atividade do prestador no SISGENF-e (CNAE). As atividades são lidas em Canais › Atualizar "
            "cadastros.",
        )
    elif item.atividade not in atividades:
        yield Problema(
            f"{campo}.atividade",
            "atividade-de-outro",
            f"A atividade {item.atividade} não é deste prestador no SISGENF-e. Escolha outra, ou atualize os cadastros "
            "do canal.",
        )
    elif (dela := atividades[item.atividade].lc116) and item_sem_zero(dela) != lc116:
        yield Problema(
            f"{campo}.item_lc116",
            "lc116-da-atividade",
            f"A atividade escolhida é do item {item_sem_zero(dela)} da LC 116, e o serviço está como {lc116}. Use o "
            "mesmo item.",
        )


def _do_servico(nota: Nota, itens: Sequence[NotaItem], rota: Rota) -> Iterable[Problema]:
    """What the channel's own client finds wrong, in the places of our form."""
    canal = rota.canal
    if canal is None or not itens:
        return
    emissao = emissao_de(nota, itens, canal, emissao=timezone.now(), simples=False)
    if canal.tipo == TipoCanal.SISGENFE:
        for achado in sisgenfe.problemas(emissao):
            yield Problema(_lugar(achado.campo, primeiro=1), f"sisgenfe-{_grupo(achado.campo)}", achado.mensagem)
    elif canal.tipo == TipoCanal.INTEGRANOTAS:
        # The number comes when the note is submitted.
        numerada = replace(emissao, serie=canal.serie or "1", numero=emissao.numero or 1)
        for falta in integranotas.problemas(numerada, canal.versao_emissao):
            yield Problema(_lugar(falta.campo), f"integranotas-{_grupo(falta.campo)}", f"{falta.texto}.")


_DO_ITEM = re.compile(r"^(?:servico\.)?itens?(?:\[(\d+)\]|\.(\d+))?\.?(.*)$")
_NOSSOS = {
    "discriminacao": "descricao",
    "informacoes_complementares": "observacao",
    "codigo_nbs": "nbs",
    "codigo": "atividade",
    "valor_servicos": "valor_unitario",
    "unidade_quantidade": "quantidade",
}


def _lugar(campo: str, *, primeiro: int = 0) -> str:
    """A path of a client's request as a field of our form."""
    if campo.startswith("tomador"):
        return "tomador"
    if da_exigencia := exigencias.lugar(campo):
        return da_exigencia
    if campo.startswith("servico") and "itens" not in campo:
        return f"itens.0.{_NOSSOS.get(campo.rpartition('.')[2], 'descricao')}"
    if achado := _DO_ITEM.match(campo):
        numero = int(achado[1] or achado[2] or primeiro) - primeiro
        nome = achado[3].partition(".")[0]
        return f"itens.{numero}.{_NOSSOS.get(nome, nome or 'descricao')}"
    return _NOSSOS.get(campo, campo)


def _grupo(campo: str) -> str:
    """The same thing wrong in whatever line."""
    return re.sub(r"[\[.]?\d+\]?", "", campo)


def _canal(rota: Rota, contexto: Contexto) -> Iterable[Problema]:
    canal = rota.canal
    if canal is None:
        yield Problema("", "sem-canal" if rota.regra is None else f"regra-{rota.regra.canal}", rota.motivo)
        return
    if canal.numera and not canal.serie:
        yield Problema("", "sem-serie", f"Falta a série do canal {canal}. Informe-a em Canais.")
    if canal.acesso in contexto.pausas:
        yield Problema(
            "",
            "canal-pausado",
            f"O canal {canal} está pausado: {contexto.pausas[canal.acesso]} Resolva em Canais e retome.",
        )


def _percentual(valor: Decimal) -> str:
    return f"{valor.normalize():f}".replace(".", ",") + " %"
