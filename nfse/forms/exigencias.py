"""The fields of what only some towns ask for: of a nota, of a serviço and of a canal, as each layout takes them."""

from typing import Any

from django import forms

from comum.documentos import documento, mascarar
from comum.formularios import PercentualField, opcional
from empresas.campos import ler_inscricao_municipal
from empresas.models import Municipio
from empresas.municipios import SEM_EMPRESAS
from nfse.campos_nacionais import LEITORES
from nfse.forms.detalhes import DetalhesDaNota, cabecalho_dos_detalhes
from nfse.models import CanalNfse, Nota, Tomador
from nfse.models.detalhes import DETALHES
from nfse.models.exigencias import LAYOUTS, Exigibilidade, codigo, opcoes, opcoes_de_todos, palavras
from nfse.services import exigencias
from nfse.services.detalhes import DO_PIS_COFINS
from nfse.services.exigencias import (
    CAMPOS,
    CLASSIFICACAO_DE_OUTRA,
    POR_CHAVE,
    Exigencias,
    classificacao_de_outra,
)

_PERCENTUAIS = ("carga_municipal", "total_simples", "carga_federal", "carga_estadual")
DO_CANAL = ("regime_tributacao", "regime_apuracao", "natureza", "exigibilidade")


def ler_digitos(texto: str, nome: str) -> str:
    """A code of IBS and CBS. Raises ValidationError."""
    return opcional(LEITORES[nome], texto)


def _escolha(rotulo: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=rotulo,
        required=False,
        error_messages={"invalid_choice": f"{rotulo}: o layout deste canal não tem esta opção. Escolha na lista."},
    )


def _texto(rotulo: str, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=rotulo, required=False, **kwargs)


class ExigenciasDaNota(DetalhesDaNota):
    """Part of the form of a nota: __init__ keeps what the channel takes, with the choices of its layout."""

    natureza = _escolha("Natureza da operação")
    exigibilidade = _escolha("Exigibilidade do ISS")
    responsavel_retencao = _escolha("Quem retém o ISS")
    municipio_incidencia = forms.ModelChoiceField(
        Municipio.objects.exclude(pk=SEM_EMPRESAS),
        label="Município de incidência do ISS",
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "Município não encontrado. Procure pelo nome ou código do IBGE (F2)."},
    )
    intermediario_documento = _texto("CNPJ ou CPF do intermediário")
    intermediario_nome = _texto("Nome do intermediário")
    intermediario_im = _texto("Inscrição municipal")
    obra_codigo = _texto("Código da obra (CNO ou CEI)")
    obra_art = _texto("ART")
    ibs_cbs_situacao = _texto("CST do IBS e da CBS")
    ibs_cbs_classificacao = _texto("Classificação (cClassTrib)")
    ibs_cbs_fornecimento = _texto("Indicador da operação (cIndOp)")
    consumidor_final = forms.BooleanField(label="Uso ou consumo pessoal", required=False)
    destinatario = forms.ModelChoiceField(
        Tomador.objects.none(),
        label="Destinatário",
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "Destinatário não encontrado nesta empresa. Escolha na lista (F2)."},
    )

    def __init__(self, *args: Any, canal: CanalNfse | None, **kwargs: Any) -> None:
        super().__init__(*args, canal=canal, **kwargs)
        versao = exigencias.versao_de(canal)
        for nome in set(CAMPOS) - exigencias.campos_do_canal(canal):
            del self.fields[nome]
        for nome in ("natureza", "exigibilidade", "responsavel_retencao"):
            if nome in self.fields:
                vazia = _vazia(nome, canal, versao)
                escolhas = exigencias.opcoes_no_canal(nome, canal)
                self.fields[nome].choices = [("", vazia), *escolhas]  # type: ignore[attr-defined]

    @property
    def exigencias_do_canal(self) -> list[str]:
        """The fields of this part that are on the screen."""
        return [nome for nome in CAMPOS if nome in self.fields]

    @property
    def abre_exigencias(self) -> bool:
        """Whether the folded fields have something to show."""
        return self._tem(*self.exigencias_do_canal, *(nome for nome in DETALHES if nome not in DO_PIS_COFINS))

    def clean_intermediario_documento(self) -> str:
        return opcional(documento, self.cleaned_data["intermediario_documento"])

    def clean_intermediario_nome(self) -> str:
        return self._linha("intermediario_nome")

    def clean_intermediario_im(self) -> str:
        return opcional(ler_inscricao_municipal, self.cleaned_data["intermediario_im"])

    def clean_obra_codigo(self) -> str:
        return self._linha("obra_codigo")

    def clean_obra_art(self) -> str:
        return self._linha("obra_art")

    def clean_ibs_cbs_fornecimento(self) -> str:
        return ler_digitos(self.cleaned_data["ibs_cbs_fornecimento"], "ibs_cbs_fornecimento")

    def clean_ibs_cbs_situacao(self) -> str:
        return ler_digitos(self.cleaned_data["ibs_cbs_situacao"], "ibs_cbs_situacao")

    def clean_ibs_cbs_classificacao(self) -> str:
        return ler_digitos(self.cleaned_data["ibs_cbs_classificacao"], "ibs_cbs_classificacao")

    def _linha(self, nome: str) -> str:
        return opcional(LEITORES[nome], self.cleaned_data[nome])

    def exigencias(self, guardada: Nota | None) -> Exigencias:
        """What was typed; what the channel does not take stays as it is in the stored nota. Only when valid."""
        atual = vars(exigencias.da_nota(guardada) if guardada else Exigencias())
        lidos = {nome: self.cleaned_data[nome] for nome in self.exigencias_do_canal}
        for nome in POR_CHAVE:
            if nome in lidos:
                escolhido = lidos.pop(nome)
                lidos[f"{nome}_id"] = escolhido.pk if escolhido else None
        return Exigencias(**(atual | lidos | {"detalhes": self.detalhes(guardada)}))


def _vazia(nome: str, canal: CanalNfse | None, versao: int) -> str:
    """What leaving it blank means."""
    if nome == "responsavel_retencao":
        return "O tomador, se há retenção"
    padrao = str(getattr(canal, nome)) if canal else ""
    if canal is not None and exigencias.codigo_no_canal(nome, canal, padrao):
        return f"A do canal: {palavras(nome, versao, padrao)}"
    return palavras(nome, versao, Exigibilidade.EXIGIVEL) if exigencias.direto(canal) else "Não informar"


def cabecalho_das_exigencias(nota: Nota) -> dict[str, Any]:
    """What the fields of a stored nota begin with."""
    valores: dict[str, Any] = {nome: getattr(nota, f"{nome}_id" if nome in POR_CHAVE else nome) for nome in CAMPOS}
    valores["intermediario_documento"] = mascarar(nota.intermediario_documento)
    return valores | cabecalho_dos_detalhes(nota.detalhes)


def completar_do_servico(cabecalho: dict[str, Any], modelo: Exigencias) -> None:
    """Put what a chosen serviço asks for where nothing was said yet."""
    pedidos = {nome: getattr(modelo, nome) for nome in exigencias.DO_SERVICO}
    for nome, valor in (pedidos | cabecalho_dos_detalhes(modelo.detalhes)).items():
        if not cabecalho.get(nome):
            cabecalho[nome] = valor


# -- serviço and canal -------------------------------------------------------------------------------------------------


def conferir_ibs_cbs(form: forms.BaseForm, dados: dict[str, Any]) -> None:
    """CST and classification are of one another."""
    if classificacao_de_outra(dados.get("ibs_cbs_situacao", ""), dados.get("ibs_cbs_classificacao", "")):
        form.add_error("ibs_cbs_classificacao", CLASSIFICACAO_DE_OUTRA)


def campos_do_canal() -> dict[str, forms.Field]:
    """The fields of a canal of Integra Notas; which of them its layout takes, conferir_layout() says."""
    rotulos = {
        "regime_tributacao": ("Regime especial de tributação", "Nenhum"),
        "regime_apuracao": ("Apuração no Simples", "Não informar"),
        "natureza": ("Natureza da operação", "Não informar"),
        "exigibilidade": ("Exigibilidade do ISS", "Não informar"),
    }
    campos_: dict[str, forms.Field] = {
        nome: forms.ChoiceField(label=rotulo, required=False, choices=[("", vazio), *opcoes_de_todos(nome)])
        for nome, (rotulo, vazio) in rotulos.items()
    }
    campos_["incentivo_fiscal"] = forms.TypedChoiceField(
        label="Incentivo fiscal",
        required=False,
        choices=[("", "Não informar"), ("sim", "Sim"), ("nao", "Não")],
        coerce=lambda texto: texto == "sim",
        empty_value=None,
    )
    campos_["carga_municipal"] = PercentualField(label="Carga tributária municipal (%)", required=False)
    return campos_


def campos_do_nacional() -> dict[str, forms.Field]:
    """The fields of a canal of the national system."""
    escolhas = {
        "regime_apuracao": ("Apuração no Simples", "Não é do Simples"),
        "regime_tributacao": ("Regime especial de tributação", "Nenhum"),
        "exigibilidade": ("Exigibilidade do ISS", "Operação tributável"),
    }
    campos_: dict[str, forms.Field] = {
        nome: forms.ChoiceField(label=rotulo, required=False, choices=[("", vazio), *opcoes(nome, 2)])
        for nome, (rotulo, vazio) in escolhas.items()
    }
    campos_["informa_im"] = forms.BooleanField(label="Informar a inscrição municipal na nota", required=False)
    for nome, rotulo in (
        ("total_simples", "Alíquota do Simples (%)"),
        ("carga_federal", "Tributos federais (%)"),
        ("carga_estadual", "Tributos estaduais (%)"),
        ("carga_municipal", "Tributos municipais (%)"),
    ):
        campos_[nome] = PercentualField(label=rotulo, required=False)
    return campos_


def conferir_tributos(form: forms.BaseForm, dados: dict[str, Any]) -> None:
    """The approximate taxes are three percentages or none."""
    nomes = ("carga_federal", "carga_estadual", "carga_municipal")
    vazios = [nome for nome in nomes if dados.get(nome) is None]
    if 0 < len(vazios) < len(nomes):
        form.add_error(vazios[0], "Informe os três percentuais (zero onde não há), ou nenhum.")


# Fields of the canal that one layout alone takes.
_SO_DE_UM = {"natureza": 1, "incentivo_fiscal": 1, "regime_apuracao": 2, "carga_municipal": 2}


def conferir_layout(form: forms.BaseForm, dados: dict[str, Any]) -> None:
    """Refuse what the chosen layout does not take."""
    versao = dados.get("versao_emissao")
    if versao not in LAYOUTS:
        return
    for nome, so in _SO_DE_UM.items():
        if dados.get(nome) not in (None, "") and so != versao:
            form.add_error(nome, f"Só o layout {LAYOUTS[so]} tem este campo. Deixe-o em branco, ou troque o layout.")
    for nome in ("regime_tributacao", "exigibilidade"):
        valor = dados.get(nome) or ""
        if valor and not codigo(nome, versao, valor):
            form.add_error(
                nome, f"O layout {LAYOUTS[versao]} não tem “{palavras(nome, versao, valor)}”. Escolha outra opção."
            )


def iniciais_do_canal(canal: CanalNfse) -> dict[str, Any]:
    valores: dict[str, Any] = {nome: getattr(canal, nome) for nome in (*DO_CANAL, *_PERCENTUAIS, "informa_im")}
    incentivo = canal.incentivo_fiscal
    valores["incentivo_fiscal"] = "" if incentivo is None else "sim" if incentivo else "nao"
    return valores
