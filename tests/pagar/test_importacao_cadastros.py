"""Import of suppliers and mapping tables: the checks of the screen, each refusal with column, value and reason."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from comum.models import Usuario
from comum.planilhas import escrever_csv
from empresas.importacao import base
from empresas.models import Empresa, Importacao
from pagar.listas import CABECALHO_FORNECEDORES, fornecedores_exportados
from pagar.models import ContaErp, EstabelecimentoErp, Fornecedor, RegraImposto, RegraTitulo
from pagar.views.importar import _TIPOS
from tests.cast import cnpj_valido, criar_empresa
from tests.pagar import fabricas
from tests.pagar.test_cadastros import criar_conta

pytestmark = pytest.mark.django_db

A, B = cnpj_valido(81), cnpj_valido(82)
CABECALHO = "código;nome;CNPJ;papel;município;UF;ativo"


@pytest.fixture
def conta(db: None) -> ContaErp:
    return criar_conta()


def enviar(usuario: Usuario, *linhas: str, tipo: str = "fornecedores", conteudo: bytes = b"") -> Importacao:
    importacao = base.receber(
        tipo=tipo,
        usuario=usuario,
        nome_arquivo="c.csv",
        conteudo=conteudo or "\n".join(linhas).encode(),
        agendar=False,
    )
    base.conferir(importacao.pk)
    importacao.refresh_from_db()
    return importacao


def importar(importacao: Importacao) -> Importacao:
    base.pedir_importar(importacao, agendar=False)
    base.importar(importacao.pk)
    importacao.refresh_from_db()
    assert importacao.situacao == "importada", importacao.mensagem
    return importacao


def contagens(importacao: Importacao) -> list[int]:
    return [importacao.resultado[nome] for nome in ("novas", "alteradas", "iguais", "recusadas")]


def test_suppliers_enter_change_and_come_back_equal(ana: Usuario, conta: ContaErp) -> None:
    velho = Fornecedor.objects.create(conta=conta, codigo=95, nome="Velho nome", documento=A)
    importacao = enviar(
        ana,
        CABECALHO,
        "0095;Aurora Ltda;;;;;",
        "12704;Receita Federal;;Receita Federal;;;",
        "3001;Prefeitura de Olinda;;prefeitura;Olinda;PE;S",
    )
    assert (contagens(importacao), importacao.recusas) == ([2, 1, 0, 0], [])
    assert importacao.previa["alteracoes"] == [[2, "95 Velho nome", "nome", "Velho nome", "Aurora Ltda"]]
    importar(importacao)
    velho.refresh_from_db()
    assert (velho.nome, velho.documento) == ("Aurora Ltda", A)
    assert Fornecedor.objects.get(papel="prefeitura").municipio_id == "2609600"
    exportado = b"".join(escrever_csv(CABECALHO_FORNECEDORES, fornecedores_exportados(Fornecedor.objects.all())))
    de_novo = enviar(ana, conteudo=exportado)
    assert (contagens(de_novo), de_novo.recusas) == ([0, 0, 3, 0], [])


def test_every_refused_line_says_column_value_and_reason(ana: Usuario, conta: ContaErp) -> None:
    Fornecedor.objects.create(conta=conta, codigo=7, nome="RFB", papel="receita")
    Fornecedor.objects.create(conta=conta, codigo=8, nome="Com documento", documento=A)
    importacao = enviar(
        ana,
        CABECALHO,
        ";Sem código;;;;;",
        "abc;Letras;;;;;",
        "1;;;;;;",
        "2;CNPJ errado;11222333000100;;;;",
        f"3;Documento de outro;{A};;;;",
        "4;Outra Receita;;receita;;;",
        "5;Prefeitura sem lugar;;prefeitura;;;",
        "6;Papel estranho;;banco;;;",
        "9;Cidade demais;;;Olinda;PE;",
        "10;Ativo talvez;;;;;talvez",
        f"11;Um;{B};;;;",
        f"12;Outro com o mesmo;{B};;;;",
        "11;Repetido;;;;;",
        "1234567890;Grande;;;;;",
    )
    ditas = {linha: (coluna, valor) for linha, coluna, valor, _ in importacao.recusas}
    assert ditas == {
        2: ("código no ERP", ""),
        3: ("código no ERP", "abc"),
        4: ("nome", ""),
        5: ("CNPJ ou CPF", "11222333000100"),
        6: ("CNPJ ou CPF", A),
        7: ("papel", "receita"),
        8: ("município", ""),
        9: ("papel", "banco"),
        10: ("município", "Olinda"),
        11: ("ativo", "talvez"),
        13: ("CNPJ ou CPF", B),
        14: ("código no ERP", "11"),
        15: ("código no ERP", "1234567890"),
    }
    motivos = {linha: motivo for linha, _, _, motivo in importacao.recusas}
    assert "já é do fornecedor 8 Com documento" in motivos[6]
    assert "já é do fornecedor 11 Um" in motivos[13]
    assert "linha 12" in motivos[14]
    importar(importacao)
    assert set(Fornecedor.objects.values_list("codigo", flat=True)) == {7, 8, 11}


def test_a_document_handed_from_one_supplier_to_another_in_one_file_is_refused(ana: Usuario, conta: ContaErp) -> None:
    Fornecedor.objects.create(conta=conta, codigo=1, nome="Um", documento=A)
    importacao = enviar(ana, CABECALHO, f"1;Um;{B};;;;", f"2;Dois;{A};;;;")
    assert contagens(importacao) == [0, 1, 0, 1]
    importar(importacao)
    assert contagens(enviar(ana, CABECALHO, f"2;Dois;{A};;;;")) == [1, 0, 0, 0]


def test_with_two_accounts_each_line_says_its_own(ana: Usuario, conta: ContaErp) -> None:
    criar_conta(2)
    importacao = enviar(ana, "conta;código;nome", ";1;A", "2;1;B", "conta 1;1;C", "3;1;D")
    assert [(r[0], r[1]) for r in importacao.recusas] == [(2, "conta"), (5, "conta")]
    importar(importacao)
    assert set(Fornecedor.objects.values_list("conta__codigo", "nome")) == {(2, "B"), (1, "C")}


def test_rules_taxes_and_establishments(ana: Usuario, conta: ContaErp) -> None:
    fornecedor = Fornecedor.objects.create(conta=conta, codigo=95, nome="Aurora")
    empresa = criar_empresa(1)
    regras = enviar(
        ana,
        "documento;código;fornecedor;espécie;conta contábil;unidade;fluxo;parcelas;prazo;centro de custo",
        "DAS;;;IM;21010606;1;10.06.01;;;",
        f"nota de serviço tomado;{B};95;DP;11031601;1;10.06.01;2;28;",
        "DARF;0561-07;;IM;21010606;1;10.06.01;;;",
        "DARF;5952;;;21010606;1;10.06.01;;;",
        "Nota de serviço tomado;;96;DP;11031601;1;10.06.01;;;",
        "DAS;0561;;IM;21010606;1;10.06.01;;;",
        f"nota;{A};;DP;11031601;1;10.06.01;;;7",
        "Boleto;;;DP;11031601;1;10.06.01;;;",
        tipo="regras_de_titulos",
    )
    assert [tuple(r[:3]) for r in regras.recusas] == [
        (5, "espécie", ""),
        (6, "fornecedor", "96"),
        (7, "código", "0561"),
        (8, "centro de custo", "7"),
        (9, "documento", "Boleto"),
    ]
    importar(regras)
    assert set(RegraTitulo.objects.values_list("origem", "codigo", "fornecedor", "parcelas", "prazo_dias")) == {
        ("das", "", None, 1, 30),
        ("nota", B, fornecedor.pk, 2, 28),
        ("darf", "056107", None, 1, 30),
    }
    impostos = enviar(
        ana,
        "retenção;município;UF;imposto;classificação;alíquota;quando reter;vence no dia;vence antes",
        "IRRF;;;10;1708;1,5;No pagamento;;",
        "ISS;Olinda;PE;40;ISS;;;10;N",
        "INSS;Olinda;PE;30;2631;;;;",
        "PIS/COFINS/CSLL;;;20;5952;cinco;;;",
        tipo="regras_de_impostos",
    )
    assert [tuple(r[:3]) for r in impostos.recusas] == [(4, "município", "Olinda"), (5, "alíquota", "cinco")]
    importar(impostos)
    irrf = RegraImposto.objects.get(retencao="irrf")
    assert (irrf.aliquota, irrf.momento, irrf.vence_dia) == (Decimal("1.5"), "pagamento", 20)
    assert RegraImposto.objects.get(retencao="iss").adiantar is False
    onde = enviar(
        ana,
        "empresa;empresa no ERP;estabelecimento",
        f"{empresa.codigo};001;200",
        "9876;001;200",
        tipo="estabelecimentos",
    )
    assert [tuple(r[:2]) for r in onde.recusas] == [(3, "empresa")]
    importar(onde)
    importar(enviar(ana, "empresa;estabelecimento", f"{empresa.documento};300", tipo="estabelecimentos"))
    um = EstabelecimentoErp.objects.get()
    assert (um.empresa, um.conta, um.empresa_erp, um.estabelecimento) == (empresa, conta, "001", "300")


def test_what_changed_after_the_check_is_shown_again_and_rules_are_the_administradors(
    ana: Usuario, bruno: Usuario, conta: ContaErp
) -> None:
    importacao = enviar(ana, CABECALHO, f"1;Um;{A};;;;")
    Fornecedor.objects.create(conta=conta, codigo=2, nome="Mais rápido", documento=A)
    base.pedir_importar(importacao, agendar=False)
    base.importar(importacao.pk)
    importacao.refresh_from_db()
    assert (importacao.situacao, contagens(importacao)) == ("conferida", [0, 0, 0, 1])
    recusada = enviar(bruno, "retenção;imposto", "IRRF;10", tipo="regras_de_impostos")
    assert (recusada.situacao, recusada.mensagem[:22]) == ("falhou", "Só o administrador do ")


@pytest.mark.parametrize("nome", [nome for nome in _TIPOS if nome != "titulos"])
def test_the_template_of_each_kind_is_accepted_as_downloaded(
    ana: Usuario, client: Client, conta: ContaErp, nome: str
) -> None:
    client.force_login(ana)
    Empresa.objects.filter(pk=criar_empresa(1).pk).update(codigo="0012")
    pagina = client.get(reverse(f"pagar:{nome}_importar")).content.decode()
    assert reverse(f"pagar:{nome}_modelo") in pagina
    modelo = client.get(reverse(f"pagar:{nome}_modelo")).content
    tipo = _TIPOS[nome].importador.tipo
    assert enviar(ana, tipo=tipo, conteudo=modelo).recusas == []
    arquivo = SimpleUploadedFile("m.csv", modelo)
    resposta: Any = client.post(reverse(f"pagar:{nome}_importar"), {"arquivo": arquivo})
    assert resposta.status_code == 302
    assert Importacao.objects.filter(tipo=tipo).count() == 2


CONTAS = "nome;endereço do servidor;ativa;empresa no ERP;estabelecimento padrão;portador dos títulos;impostos retidos"


def test_accounts_enter_inactive_and_change_without_their_secrets(ana: Usuario) -> None:
    conta = fabricas.conta()
    senha = bytes(conta.senha)
    importacao = enviar(
        ana,
        CONTAS,
        f"{conta.nome};;;;;341;no pagamento",
        "Filial;https://erp.exemplo:8280;;002;200;90000;",
        "Outra;erp sem esquema;;0020;200;90000;",
        "Ativa;https://erp.exemplo;S;003;300;90000;",
        "filial;;;;;;",
        tipo="contas_erp",
    )
    assert contagens(importacao) == [1, 1, 0, 3], importacao.recusas
    assert [recusa[:2] for recusa in importacao.recusas] == [
        [4, "empresa no ERP"], [4, "endereço do servidor"], [5, "usuário do ERP"], [6, "nome"],
    ]  # fmt: skip
    importar(importacao)
    conta.refresh_from_db()
    assert (conta.portador, conta.reter_em, bytes(conta.senha), conta.ativa) == ("341", "pagamento", senha, True)
    nova = ContaErp.objects.get(nome="Filial")
    assert (nova.empresa, nova.ativa, nova.codigo > 0) == ("002", False, True)


def test_accounts_are_the_administrators(bruno: Usuario) -> None:
    assert "Só o administrador" in enviar(bruno, CONTAS, tipo="contas_erp").mensagem
