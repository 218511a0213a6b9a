"""The form of an account of the ERP: what every base has, and, folded, what this one has of its own.

What is kept as tables (paths, sizes, numbers, message codes, ways to pay) is one plain field each. What is secret never
comes back to the screen.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from comum.formatos import normalizar
from comum.formularios import FormVersionado
from nfse.forms.canais import SenhaField, ler_token
from pagar.models import ContaErp
from pagar.providers.campos import TAMANHOS
from pagar.providers.datasul import Caminhos, Motivo
from pagar.providers.interface import OPCOES, MotivoAlteracao, OperacaoEstorno, TipoEstorno, TipoPagamento
from pagar.services.acesso import CAMINHOS
from pagar.services.conferencia import grandes
from pagar.services.contas import Segredos, quem_mudou

FORMAS: Mapping[str, str] = {
    "ted": "Transferência (TED)",
    "boleto": "Boleto",
    "tributo": "Tributo com código de barras",
    "pix": "Pix",
}
_ROTULOS_CAMINHOS: Mapping[str, str] = {
    "recurso": "Recurso dos títulos",
    "lote": "Lote de títulos",
    "antecipacao": "Antecipação",
    "pagamento": "Pagamento e borderô",
    "estorno": "Estorno e cancelamento",
    "atualizacao": "Atualização",
    "impostos": "Listagem de impostos",
}
_ROTULOS_NUMEROS: Mapping[StrEnum, str] = {
    TipoPagamento.LOTE: "Lote de pagamento",
    TipoPagamento.BORDERO: "Borderô",
    TipoEstorno.TOTAL: "Estorno total",
    TipoEstorno.PARCIAL: "Estorno parcial",
    OperacaoEstorno.CANCELAMENTO: "Cancelamento do título",
    OperacaoEstorno.ESTORNO: "Estorno do título",
    OperacaoEstorno.MOVIMENTO: "Estorno de movimento",
    MotivoAlteracao.ALTERACAO: "Motivo: alteração",
    MotivoAlteracao.BAIXA: "Motivo: baixa",
}
_ROTULOS_MOTIVOS: Mapping[Motivo, str] = {
    Motivo.REFERENCIA_USADA: "A referência já foi usada",
    Motivo.TITULO_EXISTE: "O título já existe",
    Motivo.BORDERO_USADO: "O número do borderô já foi usado",
    Motivo.TITULO_FECHADO: "O título está liquidado, cancelado ou estornado",
    Motivo.MOVIMENTO_ESTORNADO: "O movimento já foi estornado, ou não existe",
}
_ID = "{IdVendorsPayments}"
_CAMINHO = re.compile(r"/[A-Za-z0-9_./{}~-]*")
_IDIOMA = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_MAIOR_NUMERO, _MAIOR_TAMANHO, _MAIS_CODIGOS = 99, 2000, 40
_KINDS: Mapping[str, str] = {
    "empresa": "empresa",
    "estabelecimento": "estabelecimento",
    "matriz": "matriz",
    "moeda": "moeda",
    "portador": "portador",
    "portador_do_bordero": "portador",
    "especie_antecipacao": "espécie",
}


def campo_do_tamanho(kind: str) -> str:
    return f"tamanho_{normalizar(kind).replace(' ', '_')}"


class ContaForm(FormVersionado[ContaErp]):
    """One account. Blank secrets keep what is stored; a blank setting is as the product has it."""

    marca, este = "alterada_em", "esta conta do ERP"
    use_required_attribute = False  # an inactive account may lack what an active one needs
    SECRETOS: ClassVar[tuple[str, ...]] = ("nova_senha", "novo_token")

    endereco = forms.CharField(
        label="Endereço do servidor",
        max_length=200,
        error_messages={"required": "Informe o endereço do servidor, como https://erp.exemplo:8280."},
        help_text="Com a porta e sem o contexto, como https://erp.exemplo:8280.",
    )
    nova_senha = SenhaField(label="Senha")
    tirar_senha = forms.BooleanField(label="Tirar a senha guardada", required=False)
    novo_token = SenhaField(label="Token", max_length=4000)
    tirar_token = forms.BooleanField(label="Tirar o token guardado", required=False)

    class Meta:
        model = ContaErp
        fields = [
            "nome",
            "ativa",
            "contexto",
            "usuario",
            "empresa",
            "estabelecimento",
            "portador",
            "portador_do_bordero",
            "moeda",
            "matriz",
            "especie_antecipacao",
            "reter_em",
            "titulos_por_lote",
            "por_segundo",
            "omitir_vazios",
            "permitir_1099",
            "idioma",
            "por_pagina",
            "paginas_maximas",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        conta = self.instance
        self.initial.update(endereco=conta.base)
        for guardados, prefixo in ((conta.caminhos, "caminho_"), (conta.formas, "forma_"), (conta.numeros, "numero_")):
            self.initial.update({f"{prefixo}{nome}": valor for nome, valor in guardados.items()})
        self.initial.update({campo_do_tamanho(kind): valor for kind, valor in conta.tamanhos.items()})
        for motivo in Motivo:
            seus = sorted(codigo for codigo, outro in conta.codigos.items() if outro == motivo)
            self.initial[f"codigos_{motivo.value}"] = ", ".join(seus)
        self._tinha = {"senha": bool(conta.senha), "token": bool(conta.token)}

    # -- what the template walks through -------------------------------------------------------------------------------
    def _com(self, prefixo: str) -> list[forms.BoundField]:
        return [self[nome] for nome in self.fields if nome.startswith(prefixo)]

    @property
    def formas(self) -> list[forms.BoundField]:
        return self._com("forma_")

    @property
    def caminhos(self) -> list[forms.BoundField]:
        return self._com("caminho_")

    @property
    def tamanhos(self) -> list[forms.BoundField]:
        return self._com("tamanho_")

    @property
    def numeros(self) -> list[forms.BoundField]:
        return self._com("numero_")

    @property
    def codigos(self) -> list[forms.BoundField]:
        return self._com("codigos_")

    @property
    def abre_ajustes(self) -> bool:
        """Whether a folded field has an error to show."""
        return any(nome in self.errors for nome in AJUSTES)

    @property
    def abre_tamanhos(self) -> bool:
        return any(campo.errors or campo.value() not in (None, "") for campo in self.tamanhos)

    @property
    def perdeu_segredos(self) -> bool:
        """Whether something write-only was sent and has to be given again."""
        return any(self.data.get(campo) for campo in self.SECRETOS)

    # -- what is typed -------------------------------------------------------------------------------------------------
    def clean_endereco(self) -> str:
        texto = str(self.cleaned_data["endereco"]).rstrip("/")
        try:
            partes = urlsplit(texto)
            porta_valida = partes.port is None or partes.port > 0
        except ValueError:
            raise ValidationError("Este endereço não se consegue ler. Informe, por exemplo, https://erp.exemplo:8280.")  # noqa: B904
        if partes.scheme not in ("http", "https") or not partes.hostname or not porta_valida:
            raise ValidationError(
                "Comece por https:// (ou http://) e o nome do servidor, como https://erp.exemplo:8280."
            )
        if partes.username or partes.password or partes.query or partes.fragment or re.search(r"\s", texto):
            raise ValidationError("Só servidor e porta: usuário e senha têm campos próprios, e não há espaço no meio.")
        if partes.path.endswith(("/api", "/datasul-rest/resources/prg")):
            raise ValidationError(f"Tire {partes.path} do fim: o contexto é escolhido ao lado.")
        return texto

    def clean_usuario(self) -> str:
        usuario = str(self.cleaned_data["usuario"]).strip()
        if ":" in usuario:
            raise ValidationError("O usuário do ERP não pode ter dois-pontos. Confira com quem cuida do ERP.")
        return usuario

    def clean_novo_token(self) -> str:
        return ler_token(self.cleaned_data["novo_token"])

    def clean_idioma(self) -> str:
        idioma = str(self.cleaned_data["idioma"]).strip()
        if not _IDIOMA.fullmatch(idioma):
            raise ValidationError("Idioma como pt-BR: duas letras, hífen e o país em maiúsculas.")
        return idioma

    def clean(self) -> dict[str, Any]:
        dados = super().clean()
        self._acesso(dados)
        self._caminhos(dados)
        self._numeros(dados)
        self._codigos(dados)
        return dados

    def _acesso(self, dados: dict[str, Any]) -> None:
        for campo, o, tirar in (
            ("nova_senha", "a senha nova", "tirar_senha"),
            ("novo_token", "o token", "tirar_token"),
        ):
            if dados.get(campo) and dados.get(tirar):
                self.add_error(campo, f"Você informou {o} e marcou para tirar. Escolha um dos dois.")
        senha = dados.get("nova_senha") or (self._tinha["senha"] and not dados.get("tirar_senha"))
        token = dados.get("novo_token") or (self._tinha["token"] and not dados.get("tirar_token"))
        if not dados.get("ativa") or token or "novo_token" in self.errors:
            return
        depois = "Para completar depois, grave a conta inativa."
        if not dados.get("usuario") and "usuario" not in self.errors:
            self.add_error("usuario", f"Informe o usuário do ERP e a senha, ou um token. {depois}")
        elif not senha and "nova_senha" not in self.errors:
            self.add_error("nova_senha", f"Informe a senha do usuário, ou um token. {depois}")

    def _caminhos(self, dados: dict[str, Any]) -> None:
        for nome in CAMINHOS:
            texto = str(dados.get(f"caminho_{nome}") or "")
            if texto and not _CAMINHO.fullmatch(texto):
                self.add_error(f"caminho_{nome}", "Um caminho começa com / e não tem espaço, acento nem interrogação.")
            elif texto and nome == "impostos" and _ID not in texto:
                self.add_error(f"caminho_{nome}", f"Escreva {_ID} onde entra o identificador do título.")

    def _numeros(self, dados: dict[str, Any]) -> None:
        """Two choices of one field cannot go by one number."""
        for opcoes in OPCOES:
            vistos: dict[int, StrEnum] = {}
            for opcao, padrao in opcoes.items():
                informado = dados.get(f"numero_{opcao.value}")
                numero = padrao if informado is None else informado
                outra = vistos.setdefault(numero, opcao)
                if outra is not opcao:
                    campo = f"numero_{opcao.value}" if informado is not None else f"numero_{outra.value}"
                    self.add_error(
                        campo, f"O número {numero} serviria a duas opções: {_ROTULOS_NUMEROS[outra]} e "
                        f"{_ROTULOS_NUMEROS[opcao]}. Informe os dois."
                    )  # fmt: skip

    def _codigos(self, dados: dict[str, Any]) -> None:
        donos: dict[str, Motivo] = {}
        for motivo in Motivo:
            campo = f"codigos_{motivo.value}"
            codigos = re.split(r"[\s,;]+", str(dados.get(campo) or "").strip(" ,;"))
            codigos = [codigo for codigo in codigos if codigo]
            if len(codigos) > _MAIS_CODIGOS or any(len(codigo) > 80 or not codigo.isprintable() for codigo in codigos):
                self.add_error(campo, f"Até {_MAIS_CODIGOS} códigos, como o ERP os mostra, separados por vírgula.")
                continue
            for codigo in codigos:
                outro = donos.setdefault(codigo, motivo)
                if outro is not motivo:
                    self.add_error(
                        campo, f"O código {codigo} já está em “{_ROTULOS_MOTIVOS[outro]}”: ele só pode dizer uma coisa."
                    )
        self._lidos = {codigo: motivo.value for codigo, motivo in donos.items()}

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # not in the stubs
        conta, dados = self.instance, self.cleaned_data
        tamanhos = {kind: dados.get(campo_do_tamanho(kind)) for kind in TAMANHOS}
        conta.tamanhos = {kind: valor for kind, valor in tamanhos.items() if valor not in (None, TAMANHOS[kind])}
        for campo, motivo in grandes(conta, conta, _KINDS):
            if campo not in self.errors:
                self.add_error(campo, motivo)
        maior_forma = conta.tamanhos.get("forma de pagamento", TAMANHOS["forma de pagamento"])
        for nome in FORMAS:
            if len(str(dados.get(f"forma_{nome}") or "")) > maior_forma:
                self.add_error(f"forma_{nome}", f"Nesta base cabem {maior_forma} letras.")
        if self.errors:
            return
        padroes = Caminhos()
        conta.base = dados["endereco"]
        conta.formas = {nome: valor for nome in FORMAS if (valor := dados[f"forma_{nome}"])}
        conta.caminhos = {
            nome: valor for nome in CAMINHOS if (valor := dados[f"caminho_{nome}"]) and valor != getattr(padroes, nome)
        }
        numeros = {opcao.value: dados[f"numero_{opcao.value}"] for opcoes in OPCOES for opcao in opcoes}
        conta.numeros = {nome: numero for nome, numero in numeros.items() if numero is not None}
        conta.codigos = self._lidos

    def _recusar_versao(self, atual: ContaErp, versao: str, dados: dict[str, Any]) -> None:
        self.passar_a(versao)
        raise ValidationError(
            f"{quem_mudou(atual)}, depois que você a abriu. O que você digitou continua aqui: confira e grave de novo "
            "para valer o seu."
        )

    def secretos(self) -> Segredos:
        dados = self.cleaned_data
        tirar = tuple(campo for campo in ("senha", "token") if dados[f"tirar_{campo}"])
        return Segredos(senha=dados["nova_senha"], token=dados["novo_token"], tirar=tirar)


def _numero(rotulo: str, padrao: int, minimo: int, maximo: int) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"placeholder": str(padrao)})
    return forms.IntegerField(label=rotulo, required=False, min_value=minimo, max_value=maximo, widget=widget)


def _texto(rotulo: str, maximo: int, exemplo: str = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"placeholder": exemplo, "spellcheck": "false"})
    return forms.CharField(label=rotulo, required=False, max_length=maximo, widget=widget)


def _das_tabelas() -> Iterator[tuple[str, forms.Field]]:
    for nome, rotulo in FORMAS.items():
        yield f"forma_{nome}", _texto(rotulo, 3)
    for campo in fields(Caminhos):
        yield f"caminho_{campo.name}", _texto(_ROTULOS_CAMINHOS[campo.name], 200, str(campo.default))
    for opcoes in OPCOES:
        for opcao, numero in opcoes.items():
            yield f"numero_{opcao.value}", _numero(_ROTULOS_NUMEROS[opcao], numero, 0, _MAIOR_NUMERO)
    for motivo, rotulo in _ROTULOS_MOTIVOS.items():
        yield f"codigos_{motivo.value}", _texto(rotulo, 400)
    for kind, tamanho in TAMANHOS.items():
        rotulo = kind[0].upper() + kind[1:]
        yield campo_do_tamanho(kind), _numero(rotulo, tamanho, 1, _MAIOR_TAMANHO)


# Declared as any other field, so that the back office knows them too.
for _nome, _campo in _das_tabelas():
    ContaForm.declared_fields[_nome] = ContaForm.base_fields[_nome] = _campo

AJUSTES = (
    "matriz",
    "idioma",
    "titulos_por_lote",
    "por_segundo",
    "por_pagina",
    "paginas_maximas",
    "omitir_vazios",
    "permitir_1099",
    *(nome for nome in ContaForm.base_fields if nome.startswith(("caminho_", "numero_", "codigos_", "tamanho_"))),
)
