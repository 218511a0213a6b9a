"""Import of tomadores: nothing written before *Importar*, each refusal with its line, column, value and reason."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from comum.models import Auditoria, Usuario
from comum.planilhas import escrever_csv
from empresas.importacao import base
from empresas.models import Carteira, Empresa, Importacao
from nfse.listas import CABECALHO_TOMADORES, tomadores_exportados
from nfse.models import Contrato, Nota, Tomador
from tests.cast import cnpj_valido, criar_empresa
from tests.nfse.fabrica import RECIFE, criar_contrato, criar_tomador

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hoje")]

A, B, C = cnpj_valido(61), cnpj_valido(62), cnpj_valido(63, letras=True)
CPF = "52998224725"


def enviar(usuario: Usuario, texto: str | bytes, **parametros: Any) -> Importacao:
    conteudo = texto if isinstance(texto, bytes) else texto.encode()
    importacao = base.receber(
        tipo="tomadores",
        usuario=usuario,
        nome_arquivo="clientes.csv",
        conteudo=conteudo,
        parametros=parametros,
        agendar=False,
    )
    base.conferir(importacao.pk)
    importacao.refresh_from_db()
    return importacao


def importar(importacao: Importacao) -> Importacao:
    base.pedir_importar(importacao, agendar=False)
    base.importar(importacao.pk)
    importacao.refresh_from_db()
    return importacao


def linhas(*corpo: str, cabecalho: str = "empresa;cnpj;nome") -> str:
    return "\n".join([cabecalho, *corpo]) + "\n"


def contagens(importacao: Importacao) -> list[int]:
    return [importacao.resultado[nome] for nome in ("novas", "alteradas", "iguais", "recusadas")]


def recusas(importacao: Importacao) -> list[tuple[int, str, str]]:
    return [(linha, coluna, motivo) for linha, coluna, _, motivo in importacao.recusas]


# -- the two steps -----------------------------------------------------------------------------------------------------


def test_checking_writes_nothing(ana: Usuario, minha: Empresa) -> None:
    importacao = enviar(ana, linhas(f"0001;{A};Padaria", f"0001;{CPF};Maria", "0001;123;Ruim"))
    assert (contagens(importacao), Tomador.objects.count()) == ([2, 0, 0, 1], 0)


def test_importing_writes_the_accepted_lines_and_one_audit_row(ana: Usuario, minha: Empresa) -> None:
    importar(enviar(ana, linhas(f"0001;{A};Padaria São João", f"{minha.documento_mascarado};{C};Oficina", "0001;9;x")))
    padaria = Tomador.objects.get(documento=A)
    assert (padaria.empresa, padaria.pais, padaria.ativo) == (minha, "BR", True)
    assert (padaria.busca, padaria.ordem) == (f"{A.lower()} padaria sao joao", "padaria sao joao")
    assert Tomador.objects.filter(documento=C, empresa=minha).exists()
    linha = Auditoria.objects.get()
    assert (linha.acao, linha.dados["novas"], linha.dados["recusadas"]) == ("tomadores.importar", 2, 1)


def test_derived_columns_are_those_of_the_form(ana: Usuario, minha: Empresa) -> None:
    cabecalho = "empresa;cnpj;nome;país;nif;cidade"
    corpo = (f"0001;{C};D'Ávila & Filhos S/A;;;", "0001;;Vento Norte, Lda;Portugal;PT50196;Lisboa")
    importar(enviar(ana, linhas(*corpo, cabecalho=cabecalho)))
    for tomador in Tomador.objects.all():
        gravadas = (tomador.busca, tomador.ordem)
        tomador.preparar()
        assert (tomador.busca, tomador.ordem) == gravadas


def test_the_same_file_again_finds_all_equal(ana: Usuario, minha: Empresa) -> None:
    texto = linhas(f"0001;{A};Padaria;;", "0001;;Vento;PT;Lisboa", cabecalho="empresa;cnpj;nome;país;cidade")
    importar(enviar(ana, texto))
    assert contagens(enviar(ana, texto)) == [0, 0, 2, 0]


def test_an_export_comes_back_equal(ana: Usuario, minha: Empresa) -> None:
    criar_tomador(minha, 61, telefone="8132221000", inscricao_municipal="10", complemento="sala 3")
    fora = {"documento": "", "municipio_id": None, "cep": "", "bairro": ""}
    criar_tomador(minha, 62, nome="Vento", pais="PT", cidade_exterior="Lisboa", nif="PT5", telefone="351213000", **fora)
    arquivo = b"".join(escrever_csv(CABECALHO_TOMADORES, tomadores_exportados(Tomador.objects.order_by("pk"))))
    importacao = enviar(ana, arquivo)
    assert (contagens(importacao), recusas(importacao)) == ([0, 0, 2, 0], [])


def test_a_blank_cell_leaves_what_is_stored_and_changes_are_shown(ana: Usuario, minha: Empresa) -> None:
    tomador = criar_tomador(minha, 61)
    importacao = enviar(
        ana, linhas(f"0001;{A};Novo Nome;;Olinda;PE", cabecalho="empresa;cnpj;nome;e-mail;município;uf")
    )
    assert importacao.previa["alteracoes"] == [
        [2, f"{tomador.documento_mascarado} Tomador Inventado 0061", "nome", "Tomador Inventado 0061", "Novo Nome"],
        [2, f"{tomador.documento_mascarado} Tomador Inventado 0061", "município", "Recife/PE", "Olinda/PE"],
    ]
    importar(importacao)
    tomador.refresh_from_db()
    assert (tomador.nome, tomador.email, tomador.municipio_id) == (
        "Novo Nome",
        "financeiro61@exemplo.com.br",
        "2609600",
    )


def test_a_new_name_reaches_contratos_and_notas(ana: Usuario, minha: Empresa) -> None:
    contrato = criar_contrato(minha, 61)
    nota = Nota.objects.create(
        empresa=minha,
        tomador=contrato.tomador,
        competencia="2026-10-01",
        emissao="2026-10-05",
        municipio_prestacao_id=RECIFE,
        criada_por=ana,
    )
    importar(enviar(ana, linhas(f"0001;{A};Zebra Listrada")))
    nota.refresh_from_db()
    assert Contrato.objects.get().ordem == "zebra listrada"
    assert nota.busca.endswith("zebra listrada")


def test_when_somebody_changes_the_register_meanwhile_nothing_is_written(ana: Usuario, minha: Empresa) -> None:
    importacao = enviar(ana, linhas(f"0001;{A};Padaria", f"0001;{B};Oficina"))
    criar_tomador(minha, 61, nome="Padaria")
    importar(importacao)
    assert (importacao.situacao, Tomador.objects.count()) == ("conferida", 1)
    assert "mudaram depois da conferência" in importacao.mensagem


# -- forms of the file -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "conteudo",
    [
        f"Empresa;CPF/CNPJ;Razão Social;Município;UF\n1;{A};Padaria São João;São Paulo;SP\n".encode("cp1252"),
        f"EMPRESA,cnpj,Nome,cidade,estado\n0001,{A},Padaria São João,sao paulo,sp\n".encode("utf-8-sig"),
        f"cnpj\tcliente\tprestador\tIBGE\n{A}\tPadaria São João\t1\t3550308\n".encode(),
    ],
)
def test_encoding_separator_and_header_names_are_forgiven(ana: Usuario, minha: Empresa, conteudo: bytes) -> None:
    importar(enviar(ana, conteudo))
    tomador = Tomador.objects.get()
    assert (tomador.nome, tomador.municipio_id, tomador.empresa) == ("Padaria São João", "3550308", minha)


def test_without_the_column_the_empresa_is_the_one_chosen(ana: Usuario, minha: Empresa) -> None:
    texto = linhas(f"{A};Padaria", cabecalho="cnpj;nome")
    assert recusas(enviar(ana, texto)) == [
        (
            2,
            "empresa",
            "Falta a empresa que presta o serviço: código ou CNPJ. Ou escolha a empresa ao enviar o arquivo.",
        )
    ]
    importar(enviar(ana, texto, empresa=minha.pk))
    assert Tomador.objects.get().empresa == minha


COMPLETO = (
    "empresa;cnpj;nome;im;e-mail;telefone;cep;logradouro;número;complemento;bairro;município;uf;país;nif;cidade;ativo"
)


def com(**mudancas: str) -> str:
    """A good line of every column, with some changed."""
    valores = {
        "empresa": "0001",
        "cnpj": A,
        "nome": "Padaria",
        "im": "10",
        "email": "a@b.com.br",
        "telefone": "81 3222-1000",
        "cep": "50030-230",
        "logradouro": "Avenida Rio Branco",
        "numero": "155",
        "complemento": "",
        "bairro": "Recife",
        "municipio": "Recife",
        "uf": "PE",
        "pais": "",
        "nif": "",
        "cidade": "",
        "ativo": "S",
    }
    return ";".join((valores | mudancas).values())


RUINS = [
    ({"empresa": "0099"}, "empresa", "Empresa de código 0099 não cadastrada, ou fora das suas carteiras"),
    ({"empresa": cnpj_valido(99)}, "empresa", "Confira o CNPJ"),
    ({"empresa": "90.000.001/0001-00"}, "empresa", "dígito verificador errado"),
    ({"cnpj": ""}, "CNPJ ou CPF", "Só tomador no exterior fica sem"),
    ({"cnpj": "90.000.061/0001-00"}, "CNPJ ou CPF", "dígito verificador errado"),
    ({"cnpj": "AB.C00.061/0001-X1"}, "CNPJ ou CPF", "duas últimas posições do CNPJ são sempre números"),
    ({"cnpj": "9,00001E+13"}, "CNPJ ou CPF", "notação científica"),
    ({"nome": ""}, "nome", "Falta nome"),
    ({"nome": "x" * 151}, "nome", "151 letras"),
    ({"im": "!"}, "inscrição municipal", "caractere que não pode"),
    ({"email": "sem arroba"}, "e-mail", "E-mail inválido"),
    ({"telefone": "3222-1000"}, "telefone", "Falta o DDD"),
    ({"cep": "5003023"}, "CEP", "7 números; são 8, como 50030-230. A planilha pode ter apagado o zero"),
    ({"logradouro": "x" * 126}, "logradouro", "126 letras; cabem 125"),
    ({"numero": "x" * 11}, "número", "11 letras; cabem 10"),
    ({"municipio": "Recyfe"}, "município", "Seria Recife/PE?"),
    ({"municipio": "2611600", "uf": ""}, "município", "há erro de digitação"),
    ({"municipio": "Bom Jesus", "uf": ""}, "município", "Informe também a UF"),
    ({"municipio": "3550308"}, "município", "é de São Paulo/SP, não de PE"),
    ({"municipio": "", "uf": "XX"}, "UF", "UF XX não existe"),
    ({"pais": "Atlântida"}, "país", "País “Atlântida” não encontrado"),
    ({"pais": "Portugal"}, "CNPJ ou CPF", "não tem CNPJ nem CPF"),
    ({"nif": "123"}, "NIF", "NIF é de tomador no exterior"),
    ({"pais": "PT", "cnpj": "", "cep": "", "municipio": "", "uf": ""}, "cidade", "Informe a cidade"),
    ({"ativo": "talvez"}, "ativo", "Digite S ou N"),
]


def test_each_kind_of_error_has_its_line_column_and_reason(ana: Usuario, minha: Empresa) -> None:
    importacao = enviar(ana, linhas(*(com(**mudancas) for mudancas, _, _ in RUINS), cabecalho=COMPLETO))
    achadas = recusas(importacao)
    for numero, (_, coluna, motivo) in enumerate(RUINS, 2):
        assert any(linha == numero and c == coluna and motivo in m for linha, c, m in achadas), (numero, coluna, motivo)
    assert contagens(importacao) == [0, 0, 0, len(RUINS)]


def test_a_line_with_many_faults_tells_them_all(ana: Usuario, minha: Empresa) -> None:
    importacao = enviar(ana, linhas(com(cnpj="1", email="x", cep="1", ativo="?"), cabecalho=COMPLETO))
    assert [coluna for _, coluna, _ in recusas(importacao)] == ["CEP", "CNPJ ou CPF", "ativo", "e-mail"]


def test_the_same_tomador_twice_keeps_the_first_line(ana: Usuario, minha: Empresa) -> None:
    criar_empresa(7)
    importacao = enviar(ana, linhas(f"0001;{A};Um", f"0007;{A};De outra empresa", f"1;{A};Dois"))
    assert recusas(importacao) == [
        (4, "CNPJ ou CPF", "Repetido na mesma empresa: já está na linha 2. Deixe só uma das linhas.")
    ]
    assert contagens(importacao)[0] == 2


@pytest.mark.parametrize("nome", ["cabecalho", "linha"])
def test_a_file_that_cannot_be_read_says_why(ana: Usuario, minha: Empresa, nome: str) -> None:
    if nome == "cabecalho":
        assert "CNPJ ou CPF" in enviar(ana, "nome\nPadaria\n").mensagem
    else:
        assert recusas(enviar(ana, linhas(f"0001;{A}", f"0001;{B};Oficina")))[0][:2] == (2, "")


# -- abroad ------------------------------------------------------------------------------------------------------------

FORA = "empresa;cnpj;nome;país;nif;cidade"


def test_somebody_abroad_is_known_by_the_nif_or_else_by_the_name(ana: Usuario, minha: Empresa) -> None:
    importar(enviar(ana, linhas("1;;Vento;Portugal;;Lisboa", "1;;Sol;ES;ES99;Madrid", cabecalho=FORA)))
    importacao = enviar(ana, linhas("1;;VENTO;pt;PT50;", "1;;Sol Nuevo;Espanha;ES99;", cabecalho=FORA))
    assert contagens(importacao) == [0, 0, 0, 2]  # without the city
    importar(enviar(ana, linhas("1;;VENTO;pt;PT50;Lisboa", "1;;Sol Nuevo;Espanha;ES99;Madrid", cabecalho=FORA)))
    assert sorted(Tomador.objects.values_list("nome", "nif", "busca")) == [
        ("Sol Nuevo", "ES99", "es99 sol nuevo"),
        ("VENTO", "PT50", "pt50 vento"),
    ]


def test_a_name_that_two_abroad_share_is_not_guessed(ana: Usuario, minha: Empresa) -> None:
    for nif in ("PT1", "PT2"):
        Tomador.objects.create(empresa=minha, nome="Vento", pais="PT", nif=nif, cidade_exterior="Porto")
    importacao = enviar(ana, linhas("1;;Vento;PT;;Lisboa", cabecalho=FORA))
    assert "mais de um tomador no exterior com este nome" in recusas(importacao)[0][2]


def test_two_lines_of_the_same_tomador_abroad_are_not_both_applied(ana: Usuario, minha: Empresa) -> None:
    Tomador.objects.create(empresa=minha, nome="Vento", pais="PT", nif="PT1", cidade_exterior="Porto")
    importacao = enviar(ana, linhas("1;;Vento;PT;PT1;Lisboa", "1;;Vento;PT;;Braga", cabecalho=FORA))
    assert recusas(importacao) == [(3, "nome", "É o mesmo tomador da linha 2.")]


# -- who may, and the way to it ----------------------------------------------------------------------------------------


def test_an_operador_reaches_only_the_empresas_of_their_carteiras(
    bruno: Usuario, minha: Empresa, alheia: Empresa, outra_carteira: Carteira
) -> None:
    importacao = enviar(bruno, linhas(f"0001;{A};Padaria", f"{alheia.documento};{B};Oficina", f"0002;{B};Oficina"))
    assert [linha for linha, _, _ in recusas(importacao)] == [3, 4]
    importar(importacao)
    assert list(Tomador.objects.values_list("empresa", flat=True)) == [minha.pk]


def test_an_incomplete_address_is_counted_with_the_way_to_mend_it(ana: Usuario, minha: Empresa) -> None:
    importacao = enviar(ana, linhas(f"0001;{A};Padaria"))
    assert importacao.resultado["pendencias"] == [
        [
            "1 tomador fica sem endereço completo: o SISGENF-e e o emissor nacional recusam nota para empresa sem ele.",
            "Ver os sem endereço",
            "/notas/tomadores/?endereco=falta",
        ]
    ]
    assert enviar(ana, linhas(com(), cabecalho=COMPLETO)).resultado["pendencias"] == []


def test_the_page_sends_a_file_with_the_empresa_of_the_context(como_bruno: Client, minha: Empresa) -> None:
    como_bruno.post(reverse("contexto"), {"empresa": minha.documento})
    url = reverse("nfse:tomadores_importar")
    assert como_bruno.get(url).context["escolhida"] == minha
    arquivo = SimpleUploadedFile("clientes.csv", linhas(f"{A};Padaria", cabecalho="cnpj;nome").encode())
    resposta = como_bruno.post(url, {"arquivo": arquivo, "empresa": minha.pk})
    importacao = Importacao.objects.get()
    assert resposta["Location"] == reverse("empresas:importacao", args=[importacao.pk])
    assert (importacao.tipo, importacao.parametros) == ("tomadores", {"empresa": minha.pk})


def test_the_template_is_accepted_by_the_import(como_bruno: Client, bruno: Usuario, carteira: Carteira) -> None:
    criar_empresa(12, carteira=carteira)
    modelo = como_bruno.get(reverse("nfse:tomadores_modelo"))
    assert contagens(enviar(bruno, modelo.content)) == [2, 0, 0, 0]


def test_the_command_checks_and_imports(ana: Usuario, minha: Empresa, tmp_path: Path, capsys: Any) -> None:
    arquivo = tmp_path / "clientes.csv"
    arquivo.write_text(linhas(f"{A};Padaria", cabecalho="cnpj;nome"))
    call_command("importar_tomadores", arquivo, empresa="1", conferir=True)
    assert not Tomador.objects.exists()
    call_command("importar_tomadores", arquivo, empresa="0001")
    assert Tomador.objects.get().empresa == minha
    with pytest.raises(CommandError, match="Empresa de código 77"):
        call_command("importar_tomadores", arquivo, empresa="77")
