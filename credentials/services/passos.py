"""The checklist *Primeiros passos*: the help page's steps. What the product can know ticks itself.

Source: SIGER help page "API Integra Contador", "Como Contratar" and "Configurando a API Integra Contador".
"""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from comum.models import Adicional, Usuario
from credentials.models import Credencial, PassoInicial, Vinculo
from empresas.models import Empresa


@dataclass(frozen=True)
class Passo:
    """`url` and `rotulo` say where it is done; `confirmavel` marks the steps only a person can tick."""

    codigo: str
    titulo: str
    texto: str
    feito: bool
    url: str = ""
    rotulo: str = ""
    confirmavel: bool = False
    externo: bool = False
    quando: str = ""


# Steps outside the product: a person says they are done.
CONFIRMAVEIS = ("contrato", "procuracoes")


def passos(usuario: Usuario) -> list[Passo]:
    """The steps in order, with what is done now. `usuario` decides which empresas count and which links help."""
    confirmados = {p.codigo: p for p in PassoInicial.objects.select_related("feito_por")}
    credencial, certificado, conexao = _da_credencial()
    empresas, vinculos = _das_empresas(usuario)
    return [
        _do_contrato(confirmados),
        _do_adicional(usuario),
        credencial,
        certificado,
        conexao,
        _das_procuracoes(confirmados),
        empresas,
        vinculos,
    ]


def _do_contrato(confirmados: dict[str, PassoInicial]) -> Passo:
    return _confirmado(
        confirmados,
        "contrato",
        "Contratar o Integra Contador na loja do SERPRO",
        "O escritório contrata com o e-CNPJ dele. O SERPRO entrega a Consumer Key e o Consumer Secret na área do "
        "cliente; o preço depende do consumo do mês.",
        "https://loja.serpro.gov.br/",
        "Abrir a loja do SERPRO",
    )


def _do_adicional(usuario: Usuario) -> Passo:
    return Passo(
        "adicional",
        "Ter o adicional 216 ativo",
        "Sem o adicional “216 - Mens.API Integra Contador” as telas da API ficam fechadas. Quem ativa é o "
        "administrador do Guichê, em Administração › Adicionais.",
        Adicional.objects.filter(pk=Adicional.INTEGRA_CONTADOR, ativo=True).exists(),
        reverse("admin:comum_adicional_changelist") if usuario.administra else "",
        "Abrir os adicionais",
    )


def _da_credencial() -> tuple[Passo, Passo, Passo]:
    """Keys, certificate and connection: the three steps done in table 102."""
    credenciais = Credencial.objects.filter(ativa=True).select_related("certificado")
    utilizavel = [c for c in credenciais if c.certificado is not None and not c.certificado.vencido]
    tabela, abrir = reverse("credenciais:lista"), "Abrir a tabela 102"
    return (
        Passo(
            "credencial",
            "Registrar a credencial na tabela 102",
            "Informe a Consumer Key e o Consumer Secret que o SERPRO entregou. O Secret fica guardado e não aparece "
            "mais.",
            any(c.consumer_key and c.consumer_secret for c in credenciais),
            tabela,
            abrir,
        ),
        Passo(
            "certificado",
            "Enviar o certificado A1 do contratante",
            "O arquivo .pfx ou .p12 do e-CNPJ usado na contratação, com a senha. Certificado A3 fica fora do servidor "
            "e não serve para as chamadas.",
            bool(utilizavel),
            tabela,
            abrir,
        ),
        Passo(
            "conexao",
            "Testar a conexão",
            f"O botão Testar conexão da credencial {_onde_entra()} e diz o que aconteceu. Não tem custo.",
            any(c.teste_ok and not c.mudou_depois_do_teste for c in utilizavel),
            tabela,
            abrir,
        ),
    )


def _onde_entra() -> str:
    sandbox = settings.AMBIENTE.value == "sandbox"
    return "fala com o simulador, não com o SERPRO," if sandbox else "entra no SERPRO de verdade"


def _das_procuracoes(confirmados: dict[str, PassoInicial]) -> Passo:
    return _confirmado(
        confirmados,
        "procuracoes",
        "Conferir as procurações no e-CAC",
        "Cada cliente autoriza o escritório no e-CAC (procuração eletrônica) para os serviços que vai usar. "
        "O Guichê confere empresa por empresa depois de vinculada.",
        "https://cav.receita.fazenda.gov.br/",
        "Abrir o e-CAC",
    )


def _das_empresas(usuario: Usuario) -> tuple[Passo, Passo]:
    empresas = Empresa.objects.visiveis(usuario)
    return (
        Passo(
            "empresas",
            "Importar as empresas",
            "A lista do escritório entra por CSV: código, CNPJ, razão social e regime.",
            empresas.exists(),
            reverse("empresas:lista"),
            "Abrir as empresas",
        ),
        Passo(
            "vinculos",
            "Vincular as empresas à credencial",
            "Na janela API Integra Contador: Incluir várias empresas, escolher os serviços e Avançar.",
            Vinculo.objects.filter(empresa__in=empresas).exists(),
            reverse("janela:abrir"),
            "Abrir a janela",
        ),
    )


def _confirmado(
    confirmados: dict[str, PassoInicial], codigo: str, titulo: str, texto: str, url: str, rotulo: str
) -> Passo:
    feito = confirmados.get(codigo)
    quando = f"confirmado por {feito.feito_por.nome} em {feito.feito_em:%d/%m/%Y}" if feito else ""
    return Passo(codigo, titulo, texto, feito is not None, url, rotulo, True, True, quando)


def confirmar(codigo: str, usuario: Usuario, *, feito: bool) -> None:
    """Tick or untick a step that only a person can confirm. Raises KeyError for any other code, PermissionDenied
    for the role Consulta."""
    if codigo not in CONFIRMAVEIS:
        raise KeyError(codigo)
    if not usuario.opera:
        raise PermissionDenied("Confirmar um passo pede o papel Operador. Fale com quem administra o Guichê.")
    if feito:
        PassoInicial.objects.update_or_create(
            codigo=codigo, defaults={"feito_por": usuario, "feito_em": timezone.localdate()}
        )
    else:
        PassoInicial.objects.filter(codigo=codigo).delete()
