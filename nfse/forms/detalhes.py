"""The fields of a nota that the national layout alone has, in groups that stay folded while nothing is in them."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from comum.formatos import format_cep
from comum.formularios import DataField, DinheiroField, PercentualField, aceito, opcional
from nfse.campos_nacionais import LEITORES, ler_referidas
from nfse.models import CanalNfse, Nota
from nfse.models.detalhes import (
    DETALHES,
    MOEDAS,
    BensTemporarios,
    Detalhes,
    EnteGovernamental,
    Imunidade,
    MecanismoPrestador,
    MecanismoTomador,
    ModoPrestacao,
    SituacaoPisCofins,
    TipoOperacao,
    Vinculo,
)
from nfse.models.exigencias import Exigibilidade
from nfse.paises import BRASIL, OPCOES, nome_do_pais
from nfse.services.detalhes import (
    DA_OBRA,
    DA_REGULAR,
    DAS_COMPRAS_PUBLICAS,
    DO_BENEFICIO,
    DO_COMEX,
    DO_DIFERIMENTO,
    DO_EVENTO,
    DO_IMOVEL,
    DO_PIS_COFINS,
    DOS_TRIBUTOS,
    SUSPENSAS,
)
from nfse.services.exigencias import direto

_MOSTRAR: Mapping[str, Callable[[Any], str]] = {
    "pais_resultado": nome_do_pais,
    "pais_prestacao": nome_do_pais,
    "obra_cep": format_cep,
    "evento_cep": format_cep,
    "imovel_cep": format_cep,
    "referidas": "\n".join,
}


def _escolha(rotulo: str, opcoes: Iterable[tuple[str, Any]], vazia: str = "Não informar") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=rotulo,
        required=False,
        choices=[("", vazia), *opcoes],
        error_messages={"invalid_choice": f"{rotulo}: escolha na lista."},
    )


class _LidoField(forms.CharField):
    """A text read by the reader of its name."""

    def __init__(self, nome: str, rotulo: str, **kwargs: Any) -> None:
        super().__init__(label=rotulo, required=False, **kwargs)
        self.nome = nome

    def clean(self, value: Any) -> str:
        return opcional(LEITORES[self.nome], super().clean(value))


class _ReferidasField(forms.CharField):
    """Chaves, one in each line."""

    widget = forms.Textarea(attrs={"rows": 2, "spellcheck": "false"})

    def clean(self, value: Any) -> tuple[str, ...]:
        return aceito(ler_referidas(super().clean(value)))


class DetalhesDaNota(forms.Form):
    """Part of the form of a nota: __init__ takes it all away where the channel is not the national system."""

    imunidade = _escolha("Tipo de imunidade", Imunidade.choices, "Escolha…")
    processo = _LidoField("processo", "Número do processo da suspensão")
    pais_prestacao = _LidoField("pais_prestacao", "País da prestação")
    pais_resultado = _LidoField("pais_resultado", "País do resultado")
    comex_modo = _escolha("Modo de prestação", ModoPrestacao.choices, "Escolha…")
    comex_vinculo = _escolha("Vínculo entre as partes", Vinculo.choices, "Escolha…")
    comex_moeda = _LidoField("comex_moeda", "Moeda")
    comex_valor = DinheiroField(label="Valor na moeda", required=False)
    comex_mecanismo_prestador = _escolha(
        "Apoio ao prestador", MecanismoPrestador.choices[1:], MecanismoPrestador.NENHUM.label
    )
    comex_mecanismo_tomador = _escolha("Apoio ao tomador", MecanismoTomador.choices[1:], MecanismoTomador.NENHUM.label)
    comex_bens = _escolha("Bens temporários", BensTemporarios.choices[1:], BensTemporarios.NAO.label)
    comex_importacao = _LidoField("comex_importacao", "Declaração de importação")
    comex_exportacao = _LidoField("comex_exportacao", "Registro de exportação")
    comex_mdic = forms.BooleanField(label="Enviar ao MDIC (Secex)", required=False)
    pis_cofins_situacao = _escolha("CST do PIS e da COFINS", SituacaoPisCofins.choices)
    pis_cofins_base = DinheiroField(label="Base do PIS e da COFINS", required=False)
    pis_aliquota = PercentualField(label="PIS próprio (%)", required=False)
    cofins_aliquota = PercentualField(label="COFINS própria (%)", required=False)
    obra_cib = _LidoField("obra_cib", "CIB da obra")
    obra_inscricao = _LidoField("obra_inscricao", "Inscrição imobiliária da obra")
    obra_cep = _LidoField("obra_cep", "CEP da obra")
    obra_logradouro = _LidoField("obra_logradouro", "Logradouro da obra")
    obra_numero = _LidoField("obra_numero", "Número da obra")
    obra_complemento = _LidoField("obra_complemento", "Complemento da obra")
    obra_bairro = _LidoField("obra_bairro", "Bairro da obra")
    evento_nome = _LidoField("evento_nome", "Nome do evento")
    evento_inicio = DataField(label="Começo do evento", required=False)
    evento_fim = DataField(label="Fim do evento", required=False)
    evento_codigo = _LidoField("evento_codigo", "Código do evento no município")
    evento_cep = _LidoField("evento_cep", "CEP do evento")
    evento_logradouro = _LidoField("evento_logradouro", "Logradouro do evento")
    evento_numero = _LidoField("evento_numero", "Número do evento")
    evento_complemento = _LidoField("evento_complemento", "Complemento do evento")
    evento_bairro = _LidoField("evento_bairro", "Bairro do evento")
    tributos_federais = DinheiroField(label="Tributos federais (R$)", required=False)
    tributos_estaduais = DinheiroField(label="Tributos estaduais (R$)", required=False)
    tributos_municipais = DinheiroField(label="Tributos municipais (R$)", required=False)
    desconto_condicionado = DinheiroField(label="Desconto condicionado (R$)", required=False)
    beneficio_numero = _LidoField("beneficio_numero", "Número do benefício municipal")
    beneficio_valor = DinheiroField(label="Redução da base em reais", required=False)
    beneficio_percentual = PercentualField(label="Redução da base em %", required=False, maximo=Decimal(100))
    imovel_cib = _LidoField("imovel_cib", "CIB do imóvel")
    imovel_inscricao = _LidoField("imovel_inscricao", "Inscrição imobiliária do imóvel")
    imovel_cep = _LidoField("imovel_cep", "CEP do imóvel")
    imovel_logradouro = _LidoField("imovel_logradouro", "Logradouro do imóvel")
    imovel_numero = _LidoField("imovel_numero", "Número do imóvel")
    imovel_complemento = _LidoField("imovel_complemento", "Complemento do imóvel")
    imovel_bairro = _LidoField("imovel_bairro", "Bairro do imóvel")
    diferimento_uf = PercentualField(label="Diferimento do Estado (%)", required=False, maximo=Decimal(100))
    diferimento_municipio = PercentualField(label="Diferimento do município (%)", required=False, maximo=Decimal(100))
    diferimento_cbs = PercentualField(label="Diferimento da CBS (%)", required=False, maximo=Decimal(100))
    regular_situacao = _LidoField("regular_situacao", "CST da tributação regular")
    regular_classificacao = _LidoField("regular_classificacao", "Classificação da tributação regular")
    credito_presumido = _LidoField("credito_presumido", "Crédito presumido (cCredPres)")
    ente_governamental = _escolha("Ente governamental", EnteGovernamental.choices, "Não é compra pública")
    tipo_operacao = _escolha("Tipo de operação", TipoOperacao.choices)
    referidas = _ReferidasField(label="Chaves das notas referidas", required=False)

    def __init__(self, *args: Any, canal: CanalNfse | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.canal = canal
        if not direto(canal):
            for nome in DETALHES:
                self.fields.pop(nome, None)

    def _tem(self, *nomes: str) -> bool:
        presentes = [nome for nome in nomes if nome in self.fields]
        return any(self[nome].value() or nome in self.errors for nome in presentes)

    @property
    def em_vigor(self) -> str:
        """The exigibilidade as it stands on the screen: the note's, else the canal's."""
        if self.canal is None or "exigibilidade" not in self.fields:
            return ""
        return str(self["exigibilidade"].value() or self.canal.exigibilidade)

    # What is folded or left out while it has nothing to show.

    @property
    def mostra_imunidade(self) -> bool:
        return self.em_vigor == Exigibilidade.IMUNIDADE or self._tem("imunidade")

    @property
    def mostra_processo(self) -> bool:
        return self.em_vigor in SUSPENSAS or self._tem("processo")

    @property
    def abre_exterior(self) -> bool:
        exporta = self.em_vigor == Exigibilidade.EXPORTACAO
        return exporta or self._tem("pais_prestacao", "pais_resultado", *DO_COMEX)

    @property
    def abre_pis_cofins(self) -> bool:
        return self._tem(*DO_PIS_COFINS)

    @property
    def abre_intermediario(self) -> bool:
        return self._tem("intermediario_documento", "intermediario_nome", "intermediario_im")

    @property
    def abre_obra(self) -> bool:
        return self._tem("obra_codigo", "obra_art", *DA_OBRA)

    @property
    def abre_evento(self) -> bool:
        return self._tem(*DO_EVENTO)

    @property
    def abre_ibs_cbs(self) -> bool:
        nomes = ("ibs_cbs_situacao", "ibs_cbs_classificacao", "ibs_cbs_fornecimento", "consumidor_final")
        return self._tem(*nomes) or self.abre_destinatario or self.abre_tributacao_ibs_cbs or self.abre_compras_publicas

    @property
    def abre_destinatario(self) -> bool:
        return self._tem("destinatario", *DO_IMOVEL)

    @property
    def abre_tributacao_ibs_cbs(self) -> bool:
        return self._tem(*DO_DIFERIMENTO, *DA_REGULAR, "credito_presumido")

    @property
    def abre_compras_publicas(self) -> bool:
        return self._tem(*DAS_COMPRAS_PUBLICAS)

    @property
    def abre_desconto(self) -> bool:
        return self._tem("desconto_condicionado", *DO_BENEFICIO)

    @property
    def abre_tributos(self) -> bool:
        return self._tem(*DOS_TRIBUTOS)

    @property
    def paises(self) -> list[str]:
        return [nome for sigla, nome in OPCOES if sigla != BRASIL]

    @property
    def moedas(self) -> list[tuple[str, str]]:
        return [(codigo, f"{sigla} {nome}") for codigo, (sigla, nome) in MOEDAS.items()]

    def clean(self) -> dict[str, Any]:
        dados = super().clean() or self.cleaned_data
        vazios = [nome for nome in DOS_TRIBUTOS if nome in self.fields and dados.get(nome) is None]
        if 0 < len(vazios) < len(DOS_TRIBUTOS) and vazios[0] not in self.errors:
            self.add_error(vazios[0], "Informe os três valores (zero onde não há), ou nenhum.")
        return dados

    def lidos(self) -> Detalhes:
        """What of it could be read."""
        dados = getattr(self, "cleaned_data", {})
        return Detalhes(**{nome: dados[nome] for nome in DETALHES if nome in dados})

    def detalhes(self, guardada: Nota | None) -> dict[str, Any]:
        """What was typed; where the channel takes none of it, what the stored nota has. Only when valid."""
        if DETALHES[0] not in self.fields:
            return dict(guardada.detalhes) if guardada else {}
        return self.lidos().para_json()


def cabecalho_dos_detalhes(guardado: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields of a stored nota begin with."""
    valores = vars(Detalhes.do_json(guardado))
    return {nome: _MOSTRAR[nome](valor) if nome in _MOSTRAR else valor for nome, valor in valores.items()}
