"""Sending the CSV of suppliers and of the mapping tables; the check and the rest are the import page's (empresas)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from comum.permissoes import administra, opera, usuario_de
from comum.respostas import ajuda_das_colunas, modelo_csv
from empresas.forms import ArquivoForm
from empresas.importacao import base
from empresas.models import Importacao
from nfse.forms.importacao import ArquivoComEmpresaForm
from nfse.views.base import empresa_do_contexto
from pagar.importacao.colunas_titulos import ACEITA, EXEMPLOS
from pagar.importacao.contas import ImportadorDeContas
from pagar.importacao.fornecedores import ImportadorDeFornecedores
from pagar.importacao.regras import ImportadorDeEstabelecimentos, ImportadorDeImpostos, ImportadorDeRegras
from pagar.importacao.titulos import ImportadorDeTitulos

_CONTA = "código ou nome de uma conta do ERP ativa; dispensada quando só há uma"
_FORNECEDOR = "código, no ERP, de um fornecedor cadastrado nesta conta"
_COMUNS = {
    "conta": _CONTA,
    "especie": "até 3 letras ou números, como no ERP",
    "serie": "até 3 letras ou números",
    "plano_contas": "código do plano no ERP",
    "conta_contabil": "código da conta no ERP",
}


@dataclass(frozen=True)
class _Tipo:
    """`nota` is said above the columns: how a record is recognised. `com_empresa`: one is chosen for the lines that
    name none."""

    importador: type[base.Importador]
    aceita: Mapping[str, str]
    exemplos: Sequence[Mapping[str, str]]
    nota: str
    com_empresa: bool = False


_BRANCO = "Célula em branco deixa o que está cadastrado; coluna que não está no arquivo também."
_TIPOS = {
    "fornecedores": _Tipo(
        ImportadorDeFornecedores,
        _COMUNS
        | {
            "codigo": "número de até 9 algarismos",
            "nome": "até 150 letras",
            "documento": "CNPJ (também com letras) ou CPF, com ou sem pontuação",
            "papel": "Fornecedor, Receita Federal ou Prefeitura; fornecedor novo sem a coluna é Fornecedor",
            "municipio": "da prefeitura, e só dela: nome, ou código IBGE de 7 números",
            "uf": "sigla do estado; necessária quando há mais de um município com o nome",
            "ativo": "S ou N; fornecedor novo sem a coluna entra ativo",
        },
        [
            {"conta": "1", "codigo": "12704", "nome": "Receita Federal do Brasil", "papel": "Receita Federal"},
            {
                "conta": "1",
                "codigo": "95",
                "nome": "Aurora Serviços Digitais Ltda",
                "documento": "12.ABC.345/01DE-35",
                "papel": "Fornecedor",
                "ativo": "S",
            },
            {
                "conta": "1",
                "codigo": "3001",
                "nome": "Prefeitura do Recife",
                "papel": "Prefeitura",
                "municipio": "Recife",
                "uf": "PE",
            },
        ],
        f"O fornecedor é reconhecido pela conta e pelo código no ERP. {_BRANCO}",
    ),
    "regras": _Tipo(
        ImportadorDeRegras,
        _COMUNS
        | {
            "origem": "DAS, DAS-MEI, DAS de parcela, DARF, DARF da DCTFWeb ou Nota de serviço tomado",
            "codigo": "do DARF, o código de receita; da nota, o CNPJ ou CPF do prestador; em branco vale para todos",
            "fornecedor": f"{_FORNECEDOR}; em branco, a Receita Federal na guia e o prestador na nota",
            "portador": "até 5 posições; em branco, o da conta",
            "forma_pagamento": "até 3 letras, como no ERP",
            "unidade_negocio": "até 3 posições",
            "plano_centro_custo": "vai junto com o centro de custo",
            "centro_custo": "vai junto com o seu plano",
            "fluxo": "código do tipo de fluxo financeiro",
            "parcelas": "de 1 a 99; em branco, 1",
            "prazo_dias": "da emissão da nota ao vencimento, até 720; em branco, 30",
            "intervalo_dias": "entre uma parcela e a seguinte, até 720; em branco, 30",
        },
        [
            {
                "conta": "1",
                "origem": "DAS",
                "especie": "IM",
                "forma_pagamento": "TRB",
                "plano_contas": "Geral",
                "conta_contabil": "21010606",
                "unidade_negocio": "1",
                "fluxo": "10.06.01",
            },
            {
                "conta": "1",
                "origem": "Nota de serviço tomado",
                "codigo": "12.ABC.345/01DE-35",
                "especie": "DP",
                "forma_pagamento": "BOL",
                "plano_contas": "Geral",
                "conta_contabil": "11031601",
                "unidade_negocio": "1",
                "fluxo": "10.06.01",
                "parcelas": "2",
                "prazo_dias": "28",
                "intervalo_dias": "30",
            },
        ],
        f"A regra é reconhecida pela conta, pelo documento e pelo código. {_BRANCO}",
    ),
    "impostos": _Tipo(
        ImportadorDeImpostos,
        _COMUNS
        | {
            "retencao": "IRRF, PIS/COFINS/CSLL, INSS ou ISS",
            "municipio": "só do ISS: nome, ou código IBGE de 7 números; em branco vale para os demais",
            "uf": "sigla do estado; necessária quando há mais de um município com o nome",
            "imposto": "código do imposto no ERP, até 5 posições",
            "classificacao": "em geral o código de receita",
            "aliquota": "em porcentagem, como 1,5; vai no pagamento, quando a nota não diz a sua",
            "momento": "Na implantação do título ou No pagamento; em branco, como a conta",
            "fornecedor": f"{_FORNECEDOR}; em branco, a Receita Federal, ou a prefeitura no ISS",
            "especie": "do título do imposto; em branco, o ERP não abre um",
            "serie": "do título do imposto",
            "vence_dia": "de 1 a 31, do mês seguinte ao da nota; em branco, 20",
            "adiantar": "S vence no dia útil anterior, N no seguinte; em branco, S",
        },
        [
            {
                "conta": "1",
                "retencao": "IRRF",
                "imposto": "10",
                "classificacao": "1708",
                "aliquota": "1,5",
                "especie": "IR",
                "plano_contas": "Geral",
                "conta_contabil": "21010606",
                "vence_dia": "20",
                "adiantar": "S",
            },
            {
                "conta": "1",
                "retencao": "ISS",
                "municipio": "Recife",
                "uf": "PE",
                "imposto": "40",
                "classificacao": "ISS",
                "vence_dia": "10",
                "adiantar": "N",
            },
        ],
        f"A regra é reconhecida pela conta, pela retenção e pelo município. {_BRANCO}",
    ),
    "contas": _Tipo(
        ImportadorDeContas,
        {
            "nome": "até 80 letras; é por ele que a conta é reconhecida",
            "endereco": "com a porta e sem o contexto, como https://erp.exemplo:8280",
            "contexto": "/api ou /dts/datasul-rest/resources/prg; conta nova sem a coluna é /api",
            "usuario": "o do ERP; a senha e o token só entram na tela",
            "ativa": "S ou N; uma conta nova entra inativa, até ter a senha",
            "empresa": "código da empresa no ERP, até 3 posições",
            "estabelecimento": "o das empresas que não têm um próprio, até 5 posições",
            "portador": "até 5 posições",
            "portador_do_bordero": "o banco dos borderôs, até 5 posições",
            "moeda": "como Real",
            "matriz": "até 8 posições",
            "especie_antecipacao": "até 3 posições, como AN",
            "reter_em": "Na implantação do título ou No pagamento",
            "forma_ted": "código da TED no ERP, até 3 posições",
            "forma_boleto": "código do boleto no ERP, até 3 posições",
            "forma_tributo": "código do tributo com código de barras no ERP, até 3 posições",
            "forma_pix": "código do Pix no ERP, até 3 posições",
            "titulos_por_lote": "de 1 a 3000",
            "por_segundo": "de 1 a 100",
        },
        [
            {
                "nome": "Datasul matriz",
                "endereco": "https://erp.exemplo:8280",
                "contexto": "/api",
                "usuario": "integracao",
                "ativa": "N",
                "empresa": "001",
                "estabelecimento": "100",
                "portador": "90000",
                "portador_do_bordero": "03399",
                "moeda": "Real",
                "matriz": "EMS2",
                "especie_antecipacao": "AN",
                "reter_em": "Na implantação do título",
                "forma_boleto": "BOL",
                "forma_tributo": "TRB",
                "titulos_por_lote": "100",
                "por_segundo": "5",
            }
        ],
        f"A conta é reconhecida pelo nome. {_BRANCO}",
    ),
    "titulos": _Tipo(
        ImportadorDeTitulos,
        ACEITA,
        EXEMPLOS,
        "Cada linha dá um rascunho, ou uma parte do rateio de um: nada é enviado ao ERP. O título com a mesma "
        "referência não entra de novo.",
        com_empresa=True,
    ),
    "estabelecimentos": _Tipo(
        ImportadorDeEstabelecimentos,
        _COMUNS
        | {
            "empresa": "código ou CNPJ de uma empresa cadastrada",
            "empresa_erp": "código da empresa no ERP, até 3 posições",
            "estabelecimento": "código do estabelecimento no ERP, até 5 posições",
        },
        [{"empresa": "0012", "conta": "1", "empresa_erp": "001", "estabelecimento": "100"}],
        f"O estabelecimento é reconhecido pela empresa. {_BRANCO}",
    ),
}


@opera
@require_http_methods(["GET", "HEAD", "POST"])
def fornecedores(request: HttpRequest) -> HttpResponse:
    return _enviar(request, "fornecedores")


@opera
@require_http_methods(["GET", "HEAD", "POST"])
def titulos(request: HttpRequest) -> HttpResponse:
    return _enviar(request, "titulos")


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def importar(request: HttpRequest, tipo: str) -> HttpResponse:
    return _enviar(request, tipo)


def _enviar(request: HttpRequest, nome: str) -> HttpResponse:
    """Send a list; the check runs in the worker and shows on the page of the import."""
    usuario, tipo = usuario_de(request), _TIPOS[nome]
    classe = ArquivoComEmpresaForm if tipo.com_empresa else ArquivoForm
    form, escolhida = classe(usuario=usuario), empresa_do_contexto(request)
    if request.method == "POST":
        form = classe(request.POST, request.FILES, usuario=usuario)
        if form.is_valid():
            arquivo, empresa = form.cleaned_data["arquivo"], form.cleaned_data.get("empresa")
            importacao = base.receber(
                tipo=tipo.importador.tipo,
                usuario=usuario,
                nome_arquivo=arquivo.name,
                conteudo=arquivo.read(),
                parametros={"empresa": empresa.pk} if empresa else {},
            )
            return redirect("empresas:importacao", pk=importacao.pk)
        if isinstance(form, ArquivoComEmpresaForm):
            escolhida = form.escolhida()
    contexto = {
        "form": form,
        "importador": tipo.importador,
        "url_lista": reverse(tipo.importador.url_lista),
        "url_modelo": reverse(f"pagar:{nome}_modelo"),
        "nota": tipo.nota,
        "com_empresa": tipo.com_empresa,
        "escolhida": escolhida,
        "colunas": ajuda_das_colunas(tipo.importador.colunas, tipo.aceita, tipo.exemplos),
        "recentes": Importacao.objects.visiveis(usuario)
        .filter(tipo=tipo.importador.tipo)
        .select_related("usuario")[:10],
    }
    return render(request, "pagar/importar.html", contexto, status=422 if form.is_bound else 200)


@require_GET
@opera
def modelo(request: HttpRequest, tipo: str) -> HttpResponse:
    """The template of an import: header and example rows."""
    return modelo_csv(_TIPOS[tipo].importador.colunas, _TIPOS[tipo].exemplos, _TIPOS[tipo].importador.tipo)
