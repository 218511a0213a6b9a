"""What is on the screen of *Nova nota*: the head and the lines, as the channel of the month takes them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.http import QueryDict
from django.utils import timezone

from comum.documentos import Invalido, cnae
from empresas.contexto import ler_competencia
from empresas.models import Cnae, Empresa, ItemLc116, Municipio, ServicoNacional
from nfse.campos import ler_codigo_nacional
from nfse.forms import papeis
from nfse.forms.exigencias import cabecalho_das_exigencias, completar_do_servico
from nfse.forms.nota import MAXIMO_DE_ITENS, ItemForm, ItensDaNota, ItensFormSet, NotaForm
from nfse.forms.papeis import ListaDePapeis
from nfse.forms.papel import PapelForm
from nfse.models import CanalNfse, Nota, NotaItem, ReferenciaCanal, Servico, TipoCanal, Tomador
from nfse.models.detalhes import Detalhes
from nfse.providers.sisgenfe import informa_iss
from nfse.services.calculo import RETENCOES, Linha, Totais, cabe, dispensar, item_sem_zero, linha_sem_iss, reter, totais
from nfse.services.descricao import montar_descricao
from nfse.services.detalhes import nas_linhas
from nfse.services.exigencias import Exigencias, direto, do_servico
from nfse.services.iss import sem_iss
from nfse.services.notas import DadosItem, DadosNota, aliquotas_de, item_do_servico
from nfse.services.pedidos import linha_de
from nfse.services.regras import Rota
from nfse.services.validacao import Contexto, Problema

PREFIXO = "itens"
_SEM_ITEM = re.compile(r"^Item \d+: ")
_DO_ITEM = tuple(campo.name for campo in fields(DadosItem))
Cru = dict[str, Any]  # a line or a head as its fields begin: values, or texts as typed


@dataclass(frozen=True)
class Cadastros:
    """What the lines may choose from at the channel: atividades by id with (name, LC 116 item); None where there are
    none. `unidades` is empty where any text goes."""

    atividades: Mapping[str, tuple[str, str]] | None = None
    unidades: tuple[str, ...] = ()


def cadastros_de(canal: CanalNfse | None) -> Cadastros:
    if canal is None or canal.tipo != TipoCanal.SISGENFE:
        return Cadastros()
    especies = (ReferenciaCanal.Especie.ATIVIDADE, ReferenciaCanal.Especie.UNIDADE)
    lidas = list(canal.referencias.filter(especie__in=especies).order_by("nome"))
    atividades = {
        str(r.id_servico): (f"{r.codigo} {r.nome} (LC 116 {item_sem_zero(r.lc116)})" if r.lc116 else str(r), r.lc116)
        for r in lidas
        if r.especie == ReferenciaCanal.Especie.ATIVIDADE
    }
    com_itens = {chave: (nome, item_sem_zero(lc116) if lc116 else "") for chave, (nome, lc116) in atividades.items()}
    return Cadastros(com_itens, tuple(r.codigo for r in lidas if r.especie == ReferenciaCanal.Especie.UNIDADE))


class Edicao:
    """The form of one nota of an empresa: `nota` when it is stored already.

    With `dados`, what was posted. Without, `cabecalho` and `linhas` are what the fields begin with; they may be texts
    as typed, which then stand as they are and are not judged.
    """

    def __init__(
        self,
        empresa: Empresa,
        competencia: date,
        *,
        nota: Nota | None = None,
        dados: QueryDict | None = None,
        cabecalho: Cru | None = None,
        linhas: Sequence[Cru] = (),
    ) -> None:
        self.empresa, self.nota = empresa, nota
        cru = _cabecalho_de(dados) if dados is not None else (cabecalho or {})
        if dados is not None:
            papeis.refazer(cru, dados, "", "")
        self.competencia = _competencia(cru.get("competencia"), competencia)
        self.contexto = Contexto([empresa])
        self.rota: Rota = self.contexto.rotas.rota(empresa, self.competencia)
        self.cadastros = cadastros_de(self.rota.canal)
        enviados = _com_total(dados) if dados is not None else None
        self.form = NotaForm(dados, initial=cru, empresa=empresa, canal=self.rota.canal)
        cruas = _linhas_de(dados) if dados is not None else list(linhas) or [{}]
        parametros = self._parametros(cruas, iss_retido=bool(cru.get("iss_retido")))
        if enviados is not None:
            itens = ItensDaNota(enviados, prefix=PREFIXO, form_kwargs=parametros)
        else:
            itens = ItensDaNota(initial=cruas, prefix=PREFIXO, form_kwargs=parametros)
            itens.min_num = len(cruas)
        self.itens = cast(ItensFormSet, itens)
        com_papeis = papeis.ESPECIES if self.direto else ()
        self.listas = {nome: ListaDePapeis(nome, self.form, enviados, cru.get(nome) or ()) for nome in com_papeis}

    def _parametros(self, linhas: Iterable[Cru], *, iss_retido: bool) -> dict[str, Any]:
        cruas = list(linhas)
        pedidos = {str(linha.get("servico") or "") for linha in cruas}
        servicos = Servico.objects.filter(empresa=self.empresa, pk__in=[pk for pk in pedidos if _numero(pk)])
        return {
            "canal": self.rota.canal,
            "servicos": {str(servico.pk): servico for servico in servicos},
            "lc116": ItemLc116.objects.in_bulk(self._lc116_de(cruas)),
            "cnaes": Cnae.objects.in_bulk(_codigos(cruas, "cnae", cnae)),
            "nacionais": ServicoNacional.objects.in_bulk(_codigos(cruas, "codigo_nacional", ler_codigo_nacional)),
            "atividades": self.cadastros.atividades,
            "unidades": list(self.cadastros.unidades),
            "iss_nosso": lambda lc116: informa_iss(lc116, iss_retido=iss_retido),
        }

    def _lc116_de(self, linhas: Iterable[Cru]) -> set[str]:
        """The items that the lines name, by themselves or by their atividade."""
        nomeados = {str(linha.get("item_lc116") or "") for linha in linhas}
        for linha in linhas:
            _, lc116 = (self.cadastros.atividades or {}).get(str(linha.get("atividade") or ""), ("", ""))
            nomeados.add(lc116)
        return nomeados - {""}

    # -- what the screen shows ------------------------------------------------------------------------------------

    @property
    def canal(self) -> CanalNfse | None:
        return self.rota.canal

    @property
    def um_item_so(self) -> bool:
        """Whether the channel takes one line alone."""
        canal = self.canal
        return canal is not None and canal.tipo != TipoCanal.SISGENFE and canal.versao_emissao == 2

    @property
    def do_municipio(self) -> bool:
        """Whether the channel decides rates by itself, where the contract does not leave them to us."""
        return self.canal is not None and self.canal.tipo == TipoCanal.SISGENFE

    @property
    def tomador(self) -> Tomador | None:
        return self._da_empresa("tomador")

    def _da_empresa(self, campo: str) -> Tomador | None:
        da_empresa = Tomador.objects.filter(empresa=self.empresa).select_related("municipio")
        return cast(Tomador | None, self._escolhido(campo, da_empresa))

    @property
    def destinatario(self) -> Tomador | None:
        return self._da_empresa("destinatario") if "destinatario" in self.form.fields else None

    @property
    def municipio(self) -> Municipio | None:
        return cast(Municipio | None, self._escolhido("municipio_prestacao", Municipio.objects.all()))

    @property
    def direto(self) -> bool:
        """Whether it goes to the national system itself, which has groups that no other channel has."""
        return direto(self.canal)

    @property
    def abre_papeis(self) -> bool:
        """Whether what the note lists, or deducts as a whole, has something to show."""
        return any(lista.abre for lista in self.listas.values()) or self.abre_deducoes

    @property
    def papeis_digitados(self) -> list[PapelForm]:
        return [form for lista in self.listas.values() for form in lista.linhas.usadas]

    @property
    def abre_deducoes(self) -> bool:
        if not self.listas:
            return False
        percentual = self.form["deducao_percentual"]
        return self.listas["deducoes"].abre or bool(percentual.errors) or percentual.value() not in (None, "")

    @property
    def incidencia(self) -> Municipio | None:
        if "municipio_incidencia" not in self.form.fields:
            return None
        return cast(Municipio | None, self._escolhido("municipio_incidencia", Municipio.objects.all()))

    def _escolhido(self, nome: str, consulta: Any) -> Any:
        valor = self.form[nome].value()
        if isinstance(valor, (Tomador, Municipio)):
            return valor
        texto = str(valor or "")
        return consulta.filter(pk=texto).first() if _numero(texto) else None

    # -- what was typed -------------------------------------------------------------------------------------------

    def valida(self) -> bool:
        """Both parts are read, so that every error is told at once."""
        cabeca, linhas = self.form.is_valid(), self.itens.is_valid()
        listas = [lista.valida() for lista in self.listas.values()]
        if not (cabeca and linhas and all(listas)):
            return False
        lidas = self._linhas()
        if cabe(lidas, self._totais(lidas)):
            return True
        self.form.add_error(None, "Os valores desta nota, somados, passam do que cabe numa nota. Confira-os.")
        return False

    def digitada(self) -> "Edicao":
        """The same as if it had just been posted: what it shows can be summed and judged."""
        if self.form.is_bound:
            return self
        dados = QueryDict(mutable=True)
        for nome in self.form.fields:
            _por(dados, nome, self.form[nome].value())
        dados[f"{PREFIXO}-TOTAL_FORMS"] = str(len(self.itens.forms))
        for form in self.itens.forms:
            for nome in form.fields:
                _por(dados, form.add_prefix(nome), form[nome].value())
        for lista in self.listas.values():
            lista.digitar(dados)
        return Edicao(self.empresa, self.competencia, nota=self.nota, dados=dados)

    def linhas(self) -> list[Linha]:
        """The arithmetic of what could be read."""
        self.valida()
        return self._linhas()

    def _linhas(self) -> list[Linha]:
        usadas = self.itens.usadas
        lidas = dispensar([form.linha() for form in usadas], [form.automaticas for form in usadas])
        if self.sem_iss:
            lidas = [linha_sem_iss(linha) for linha in lidas]
        return nas_linhas(lidas, self.detalhes())

    @property
    def sem_iss(self) -> str:
        """Why the note has no ISS of its own, of what could be read."""
        regime = self.contexto.rotas.regime(self.empresa, self.competencia)
        return sem_iss(self.form.em_vigor, self.canal, regime, retido=bool(self.form.cleaned_data.get("iss_retido")))

    def detalhes(self) -> Detalhes:
        """What of them could be read, the lists of papers too."""
        listas: dict[str, Any] = {nome: lista.papeis() for nome, lista in self.listas.items()}
        return replace(self.form.lidos(), **listas)

    def totais(self) -> Totais:
        return self._totais(self.linhas())

    def _totais(self, linhas: Sequence[Linha]) -> Totais:
        condicionado = self.detalhes().desconto_condicionado or Decimal(0)
        return totais(linhas, iss_retido=bool(self.form.cleaned_data.get("iss_retido")), condicionado=condicionado)

    def retencoes(self) -> list[tuple[str, Decimal]]:
        """(tax, withheld in reais) of the whole, those there are."""
        lidas = self.linhas()
        somas = [(nome.upper(), sum((getattr(linha, nome) for linha in lidas), Decimal(0))) for nome in RETENCOES]
        return [(nome, valor) for nome, valor in somas if valor]

    def dados(self) -> DadosNota:
        """As gravar() takes it. Only after valida()."""
        lido, nota = self.form.cleaned_data, self.nota
        return DadosNota(
            empresa=self.empresa,
            tomador=lido["tomador"],
            competencia=lido["competencia"],
            emissao=lido["emissao"],
            municipio_prestacao=lido["municipio_prestacao"],
            itens=[_dados_do_item(*par) for par in zip(self.itens.usadas, self.linhas(), strict=True)],
            iss_retido=lido["iss_retido"],
            observacao=lido["observacao"],
            referencia=lido["referencia"],
            contrato=nota.contrato if nota else None,
            substitui=nota.substitui if nota else None,
            substituicao=nota.substituicao if nota else {},
            exigencias=self._exigencias(nota),
        )

    def _exigencias(self, nota: Nota | None) -> Exigencias:
        ditas = self.form.exigencias(nota)
        return replace(ditas, detalhes=self.detalhes().para_json()) if self.listas else ditas

    def marcar(self, problemas: Iterable[Problema]) -> None:
        """Put what keeps the note from being issued at the field that causes it."""
        for problema in problemas:
            partes = problema.campo.split(".")
            if partes[0] == PREFIXO and len(partes) == 3 and partes[1].isdecimal():
                self._marcar_linha(int(partes[1]), partes[2], problema.mensagem)
            elif partes[0] in self.listas:
                numero = int(partes[1]) if len(partes) > 1 else None
                self.listas[partes[0]].marcar(numero, partes[-1], problema.mensagem)
            else:
                self.form.add_error(problema.campo if problema.campo in self.form.fields else None, problema.mensagem)

    def _marcar_linha(self, numero: int, campo: str, mensagem: str) -> None:
        usadas = self.itens.usadas
        if numero >= len(usadas):
            self.form.add_error(None, mensagem)
            return
        form = usadas[numero]
        lugares = [campo, *_NO_LUGAR_DE.get(campo, ())]
        dita = _SEM_ITEM.sub("", mensagem)  # it stands at the item already
        form.add_error(next((nome for nome in lugares if nome in form.fields), None), dita[:1].upper() + dita[1:])

    # -- what changes the lines -----------------------------------------------------------------------------------

    @classmethod
    def refeita(
        cls, dados: QueryDict, empresa: Empresa, competencia: date, *, nota: Nota | None, acao: str
    ) -> "Edicao":
        """The form as typed, with a line more (`incluir`), one less (`tirar-2`), or one filled from its serviço
        (`servico-0`). Nothing is judged. Descriptions made for another competência are made for this one."""
        cabecalho, linhas = _cabecalho_de(dados), _linhas_de(dados)
        verbo, _, numero = acao.partition("-")
        onde = int(numero) if numero.isdecimal() and int(numero) < len(linhas) else None
        if verbo == "incluir":
            linhas.append({"foco": True})
        elif verbo == "tirar" and onde is not None:
            linhas.pop(onde)
        nova = _competencia(cabecalho.get("competencia"), competencia)
        antes = _competencia(dados.get("competencia_antes"), nova)
        servicos = _servicos_de(empresa, linhas)
        if verbo == "servico" and onde is not None and (servico := servicos.get(str(linhas[onde].get("servico")))):
            linhas[onde] = _do_servico(linhas[onde], servico, nova)
            if servico.iss_retido:
                cabecalho["iss_retido"] = True
            completar_do_servico(cabecalho, do_servico(servico))
        if nova != antes:
            _trocar_mes(linhas, servicos, antes, nova)
        papeis.refazer(cabecalho, dados, verbo, numero)
        return cls(empresa, competencia, nota=nota, cabecalho=cabecalho, linhas=linhas)


_NO_LUGAR_DE = {
    "atividade": ("codigo_nacional", "item_lc116", "descricao"),
    "item_lc116": ("atividade",),
    "retencoes": RETENCOES,
    "deducao": ("desconto", "valor_unitario"),
    "desconto": ("deducao", "valor_unitario"),
    "aliquota": ("valor_unitario",),
    "codigo_nacional": ("item_lc116",),
}


def _dados_do_item(form: ItemForm, linha: Linha) -> DadosItem:
    lido = form.cleaned_data
    servico: Servico | None = lido.get("servico")
    return DadosItem(
        descricao=lido["descricao"],
        item_lc116=lido["item_lc116"],
        valor_unitario=lido["valor_unitario"],
        quantidade=lido["quantidade"],
        servico_id=servico.pk if servico else None,
        codigo_municipal=lido.get("codigo_municipal", ""),
        codigo_nacional=lido.get("codigo_nacional", ""),
        cnae=lido.get("cnae", ""),
        nbs=lido.get("nbs", ""),
        atividade=int(lido["atividade"]) if lido.get("atividade") else None,
        unidade=lido["unidade"] or "Unidade",
        aliquota=lido.get("aliquota"),
        deducao=lido.get("deducao"),
        desconto=lido.get("desconto") or Decimal(0),
        **{nome: getattr(linha, nome) for nome in RETENCOES},
    )


# -- from the stored to the fields, and from the request -----------------------------------------------------------


def cabecalho_de(nota: Nota) -> Cru:
    return {
        "competencia": nota.competencia,
        "emissao": nota.emissao,
        "tomador": nota.tomador_id,
        "municipio_prestacao": nota.municipio_prestacao_id,
        "iss_retido": nota.iss_retido,
        "observacao": nota.observacao,
        "referencia": nota.referencia,
        "versao": nota.versao,
        **cabecalho_das_exigencias(nota),
        **papeis.iniciais(Detalhes.do_json(nota.detalhes)),
    }


def cabecalho_novo(empresa: Empresa, competencia: date) -> Cru:
    return {
        "competencia": competencia,
        "emissao": timezone.localdate(),
        "municipio_prestacao": empresa.municipio_id,
    }


def linhas_de(nota: Nota) -> list[Cru]:
    """The stored lines; a withholding that is what the serviço's rates give stays blank, and goes on following them."""
    itens = list(nota.itens.select_related("servico").order_by("ordem"))
    automaticas = dispensar([reter(linha_de(item), aliquotas_de(item.servico)) for item in itens])
    return [_linha_do_item(item, automatica) for item, automatica in zip(itens, automaticas, strict=True)]


def _linha_do_item(item: NotaItem, automatica: Linha) -> Cru:
    crua: Cru = {nome: getattr(item, nome) for nome in _DO_ITEM if nome not in ("servico_id", "item_lc116")}
    crua["servico"], crua["item_lc116"] = item.servico_id or "", item.item_lc116_id
    crua["desconto"] = item.desconto or None
    for nome in RETENCOES:
        valor = getattr(item, nome)
        if valor == getattr(automatica, nome):
            crua[nome] = None
    return crua


def _do_servico(crua: Cru, servico: Servico, competencia: date) -> Cru:
    """The line as the template fills it; quantity and value typed already stay."""
    modelo = item_do_servico(servico, competencia)
    nova = linha_do_modelo(modelo)
    nova["servico"] = str(servico.pk)
    for nome in ("quantidade", "valor_unitario"):
        if crua.get(nome) and (nome == "quantidade" or servico.valor is None):
            nova[nome] = crua[nome]
    return nova


def linha_do_modelo(modelo: DadosItem) -> Cru:
    crua: Cru = {nome: getattr(modelo, nome) for nome in _DO_ITEM if nome not in ("servico_id", *RETENCOES)}
    crua["servico"] = modelo.servico_id or ""
    crua["valor_unitario"] = modelo.valor_unitario or None
    crua["desconto"] = modelo.desconto or None
    return crua


def _trocar_mes(linhas: Iterable[Cru], servicos: Mapping[str, Servico], antes: date, depois: date) -> None:
    for linha in linhas:
        servico = servicos.get(str(linha.get("servico")))
        if servico and linha.get("descricao") == montar_descricao(servico.descricao, antes):
            linha["descricao"] = montar_descricao(servico.descricao, depois)


def _codigos(linhas: Iterable[Cru], campo: str, ler: Callable[[str], str | Invalido]) -> set[str]:
    """What the lines name in a field, as the table writes it; what cannot be read is left to the field to refuse."""
    textos = {str(linha.get(campo) or "").strip() for linha in linhas} - {""}
    return {lido for texto in textos if not isinstance(lido := ler(texto), Invalido)}


def _servicos_de(empresa: Empresa, linhas: Iterable[Cru]) -> dict[str, Servico]:
    pedidos = {str(linha.get("servico") or "") for linha in linhas}
    achados = Servico.objects.filter(empresa=empresa, pk__in=[pk for pk in pedidos if _numero(pk)])
    return {str(servico.pk): servico for servico in achados}


def _cabecalho_de(dados: QueryDict) -> Cru:
    cru: Cru = {nome: dados.get(nome, "") for nome in NotaForm.base_fields}
    cru["iss_retido"] = bool(dados.get("iss_retido"))
    return cru


def _linhas_de(dados: QueryDict) -> list[Cru]:
    quantas = _total(dados)
    nomes = ItemForm.base_fields
    return [
        {
            nome: valor.replace("\r\n", "\n")
            for nome in nomes
            if (valor := dados.get(f"{PREFIXO}-{n}-{nome}")) is not None
        }
        for n in range(quantas)
    ]


def _total(dados: QueryDict) -> int:
    pedido = dados.get(f"{PREFIXO}-TOTAL_FORMS", "")
    quantas = int(pedido) if pedido.isdecimal() and pedido.isascii() and len(pedido) < 4 else 1
    return max(1, min(quantas, MAXIMO_DE_ITENS))


def _com_total(dados: QueryDict) -> QueryDict:
    """The request with the number of its lines, whatever it says of it."""
    copia = dados.copy()
    copia[f"{PREFIXO}-TOTAL_FORMS"] = str(_total(dados))
    copia[f"{PREFIXO}-INITIAL_FORMS"] = "0"
    papeis.com_totais(copia)
    return copia


def _por(dados: QueryDict, nome: str, valor: Any) -> None:
    if valor not in (None, "", False):
        dados[nome] = "on" if valor is True else str(valor)


def _competencia(valor: Any, padrao: date) -> date:
    if isinstance(valor, date):
        return valor
    lida = ler_competencia(str(valor or ""))
    return padrao if isinstance(lida, Invalido) else lida


def _numero(texto: str) -> bool:
    return texto.isdecimal() and texto.isascii() and len(texto) < 19
