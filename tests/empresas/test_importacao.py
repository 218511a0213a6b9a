"""Import of empresas: checking writes nothing, importing is all or nothing, a refusal says what, where and why."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import OperationalError
from procrastinate.contrib.django.models import ProcrastinateJob

from comum.models import Auditoria, Usuario
from comum.planilhas import escrever_csv
from empresas.importacao import base
from empresas.importacao.empresas import ImportadorDeEmpresas
from empresas.models import Carteira, Empresa, Importacao
from empresas.models.cadastro import texto_de_busca
from empresas.sinais import cadastro_mudou
from tests.cast import cnpj_valido, criar_empresa

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hoje")]

A, B, C = cnpj_valido(1), cnpj_valido(2), cnpj_valido(3, letras=True)
CPF = "52998224725"


@pytest.fixture
def hoje() -> Any:
    with time_machine.travel("2026-11-21T12:00:00-03:00", tick=False) as viagem:
        yield viagem


def enviar(usuario: Usuario, texto: str | bytes, **parametros: Any) -> Importacao:
    conteudo = texto if isinstance(texto, bytes) else texto.encode()
    importacao = base.receber(
        tipo="empresas",
        usuario=usuario,
        nome_arquivo="lista.csv",
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


def enviar_e_importar(usuario: Usuario, texto: str, **parametros: Any) -> Importacao:
    return importar(enviar(usuario, texto, **parametros))


def linhas(*corpo: str, cabecalho: str = "cnpj;razao social;regime") -> str:
    return "\n".join([cabecalho, *corpo]) + "\n"


def recusas(importacao: Importacao) -> list[tuple[int, str, str]]:
    return [(linha, coluna, motivo) for linha, coluna, _, motivo in importacao.recusas]


# -- the two steps -----------------------------------------------------------------------------------------------------


def test_checking_writes_nothing(ana: Usuario) -> None:
    importacao = enviar(ana, linhas(f"{A};Padaria;Simples Nacional", f"{B};Oficina;MEI", "123;Ruim;MEI"))
    assert {k: importacao.resultado[k] for k in ("novas", "alteradas", "iguais", "recusadas")} == {
        "novas": 2,
        "alteradas": 0,
        "iguais": 0,
        "recusadas": 1,
    }
    assert (importacao.situacao, Empresa.objects.count(), Auditoria.objects.count()) == ("conferida", 0, 0)


def test_importing_writes_the_accepted_lines_and_one_audit_row(ana: Usuario) -> None:
    importacao = enviar_e_importar(ana, linhas(f"{A};Padaria;Simples", f"{B};Oficina;MEI", "123;Ruim;MEI"))
    assert importacao.situacao == "importada"
    assert sorted(Empresa.objects.values_list("documento", "regime")) == [(A, "simples"), (B, "mei")]
    linha = Auditoria.objects.get()
    assert (linha.acao, linha.usuario, linha.dados["novas"], linha.dados["recusadas"]) == (
        "empresas.importar",
        ana,
        2,
        1,
    )


def test_importing_the_same_file_again_finds_all_equal(ana: Usuario) -> None:
    texto = linhas(f"{A};Padaria;Simples", f"{CPF};Maria;Outro")
    enviar_e_importar(ana, texto)
    importacao = enviar(ana, texto)
    assert (importacao.resultado["iguais"], importacao.resultado["alteradas"]) == (2, 0)
    with pytest.raises(base.ImportacaoRecusada, match="Nada a importar"):
        base.pedir_importar(importacao)


def test_a_second_click_and_a_repeated_job_change_nothing(ana: Usuario) -> None:
    importacao = enviar_e_importar(ana, linhas(f"{A};Padaria;Simples"))
    base.pedir_importar(importacao)
    base.importar(importacao.pk)
    base.conferir(importacao.pk)
    importacao.refresh_from_db()
    assert (importacao.situacao, Empresa.objects.count(), Auditoria.objects.count()) == ("importada", 1, 1)


def test_a_file_that_was_not_checked_is_not_imported(ana: Usuario) -> None:
    importacao = enviar(ana, "nada a ver")
    with pytest.raises(base.ImportacaoRecusada, match="ainda não foi conferido, ou não pôde ser lido"):
        base.pedir_importar(importacao)


def test_when_the_check_is_no_longer_true_nothing_is_written_and_the_new_one_shows(ana: Usuario) -> None:
    importacao = enviar(ana, linhas(f"{A};Padaria;Simples", f"{B};Oficina;MEI"))
    criar_empresa(1)
    importar(importacao)
    assert (importacao.situacao, importacao.resultado["novas"], importacao.resultado["alteradas"]) == (
        "conferida",
        1,
        1,
    )
    assert "mudaram depois da conferência e nada foi gravado" in importacao.mensagem
    assert Empresa.objects.count() == 1
    assert importar(importacao).situacao == "importada"


def test_a_stored_file_that_changed_is_refused(ana: Usuario) -> None:
    importacao = enviar(ana, linhas(f"{A};Padaria;Simples"))
    Importacao.objects.filter(pk=importacao.pk).update(conteudo=linhas(f"{B};Outra;MEI").encode())
    importar(importacao)
    assert (importacao.situacao, Empresa.objects.count()) == ("falhou", 0)
    assert "não é mais o que foi enviado" in importacao.mensagem


def test_a_user_who_lost_the_role_imports_nothing(ana: Usuario) -> None:
    importacao = enviar(ana, linhas(f"{A};Padaria;Simples"))
    ana.papel = "consulta"
    ana.save()
    importar(importacao)
    assert (importacao.situacao, Empresa.objects.count()) == ("falhou", 0)


def test_a_failure_in_the_middle_of_the_merge_writes_nothing(ana: Usuario, monkeypatch: pytest.MonkeyPatch) -> None:
    importacao = enviar(ana, linhas(f"{A};Padaria;Simples"))
    gravar = ImportadorDeEmpresas.gravar

    def gravar_e_cair(self: ImportadorDeEmpresas) -> dict[str, Any]:
        gravar(self)
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(ImportadorDeEmpresas, "gravar", gravar_e_cair)
    importar(importacao)
    assert (importacao.situacao, Empresa.objects.count(), Auditoria.objects.count()) == ("falhou", 0, 0)
    assert "nada foi gravado" in importacao.mensagem


def test_a_lost_database_leaves_the_import_to_be_tried_again(ana: Usuario, monkeypatch: pytest.MonkeyPatch) -> None:
    importacao = enviar(ana, linhas(f"{A};Padaria;Simples"))
    monkeypatch.setattr(ImportadorDeEmpresas, "gravar", _cair)
    with pytest.raises(OperationalError):
        importar(importacao)
    monkeypatch.undo()
    base.importar(importacao.pk)
    assert Empresa.objects.count() == 1


def _cair(self: ImportadorDeEmpresas) -> dict[str, Any]:
    raise OperationalError("the connection is closed")


def test_a_file_waits_for_the_worker_in_the_transaction_that_keeps_it(ana: Usuario) -> None:
    importacao = base.receber(tipo="empresas", usuario=ana, nome_arquivo="a.csv", conteudo=linhas("x;y;z").encode())
    tarefa = ProcrastinateJob.objects.get(args={"importacao_id": str(importacao.pk)})
    assert tarefa.task_name == "empresas.conferir_importacao"


def test_another_municipio_is_told_to_the_apps_above(ana: Usuario) -> None:
    uma = criar_empresa(1, documento=A)
    criar_empresa(2, documento=B)
    ouvidos: list[tuple[list[int], bool]] = []

    def ouvir(*, ids: list[int], campos: frozenset[str], **_: Any) -> None:
        ouvidos.append((ids, "municipio" in campos))

    cadastro_mudou.connect(ouvir)
    corpo = (f"{A};{uma.razao_social};Simples Nacional;Olinda", f"{B};Outro nome;Simples Nacional;São Paulo")
    enviar_e_importar(ana, linhas(*corpo, cabecalho="cnpj;razão social;regime;município"))
    cadastro_mudou.disconnect(ouvir)
    assert ouvidos == [([uma.pk], True)]


def test_progress_is_told_while_the_lines_are_read(ana: Usuario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "_PASSO", 2)
    vistas: list[int] = []
    ler = ImportadorDeEmpresas.ler

    def olhar(self: ImportadorDeEmpresas, conteudo: bytes, progresso: Callable[[int], None]) -> None:
        def anotar(lidas: int) -> None:
            progresso(lidas)
            vistas.append(Importacao.objects.get().feitas)

        ler(self, conteudo, anotar)

    monkeypatch.setattr(ImportadorDeEmpresas, "ler", olhar)
    importacao = enviar(ana, linhas(*(f"{cnpj_valido(n)};Loja {n};MEI" for n in range(5))))
    assert (vistas, importacao.feitas, importacao.linhas) == ([0, 2, 2, 4, 4], 5, 5)


@pytest.mark.parametrize(
    ("conteudo", "mensagem"),
    [(b"", "O arquivo está vazio"), (b"x" * (base.TAMANHO_MAXIMO + 1), "o máximo são 50 MB. Divida-o em dois")],
)
def test_an_empty_or_over_large_file_is_not_kept(ana: Usuario, conteudo: bytes, mensagem: str) -> None:
    with pytest.raises(base.ImportacaoRecusada, match=mensagem):
        base.receber(tipo="empresas", usuario=ana, nome_arquivo="a.csv", conteudo=conteudo)
    assert not Importacao.objects.exists()


@pytest.mark.parametrize(
    ("conteudo", "mensagem"),
    [
        (b"PK\x03\x04resto", "planilha do Excel (.xlsx)"),
        (b"%PDF-1.7", "um PDF"),
        (b"cnpj;regime\n1;2\n", "Falta a coluna obrigatória “razão social”"),
        (b"cnpj;cpf;razao social;regime\n1;2;3;4\n", "aparece duas vezes"),
        (b"cnpj;razao social;regime\n", "só tem o cabeçalho"),
        (b"uma coisa\noutra\n", "precisa trazer os nomes das colunas"),
    ],
)
def test_a_file_that_is_not_a_list_says_why(ana: Usuario, conteudo: bytes, mensagem: str) -> None:
    importacao = enviar(ana, conteudo)
    assert importacao.situacao == "falhou"
    assert mensagem in importacao.mensagem


# -- every column ------------------------------------------------------------------------------------------------------

COMPLETA = (
    "Código;CNPJ/CPF;Razão Social;Nome Fantasia;Regime tributário;Regime desde;UF;Cidade;Inscrição Municipal;CNAE;"
    "E-mail;Carteira;Início de atividade;Situação"
)


def test_every_column_lands_where_it_belongs(ana: Usuario, carteira: Carteira) -> None:
    texto = linhas(
        "0012;12.abc.345/01de-35;  Açaí   D'Oeste Ltda ;Loja;lucro real;01/07/2026;sp;Embu-Guaçu;10.20;6201-5/01;"
        "f@acai.com.br;fiscal a;15/03/2021;Inativa",
        cabecalho=COMPLETA,
    )
    enviar_e_importar(ana, texto)
    e = Empresa.objects.get()
    assert (e.codigo, e.documento, e.razao_social, e.nome_fantasia) == (
        "0012",
        "12ABC34501DE35",
        "Açaí D'Oeste Ltda",
        "Loja",
    )
    assert (e.regime, [r.desde for r in e.regimes.all()], str(e.municipio)) == (
        "real",
        [date(2026, 7, 1)],
        "Embu-Guaçu/SP",
    )
    assert (e.inscricao_municipal, e.cnae_id, e.email_fiscal) == ("10.20", "6201501", "f@acai.com.br")
    assert (e.carteira, e.inicio_atividade, e.ativa) == (carteira, date(2021, 3, 15), False)


def test_columns_may_be_in_any_order_with_commas_and_windows_1252(ana: Usuario) -> None:
    texto = f"REGIME,razao_social,CNPJ,MUNICÍPIO\nSimples Nacional,Pão de Açúcar,{A},São Paulo\n"
    importar(enviar(ana, texto.encode("cp1252")))
    assert (Empresa.objects.get().razao_social, str(Empresa.objects.get().municipio)) == (
        "Pão de Açúcar",
        "São Paulo/SP",
    )


def test_the_search_text_is_the_one_that_saving_writes(ana: Usuario) -> None:
    criar_empresa(1)
    Empresa.objects.filter(documento=A).update(nome_fantasia="Zé & Cia")
    texto = linhas(
        f"0012;{C};Açaí D'Oeste \\ Ltda;Loja do João;MEI;Olinda",
        f"X-1;{A};Açúcar União;;MEI;",
        f";{B};Çedilha;;Simples;São Paulo",
        cabecalho="código;cnpj;razão social;nome fantasia;regime;município",
    )
    enviar_e_importar(ana, texto)
    for e in Empresa.objects.all():
        lugar = f"{e.municipio.busca} {e.municipio.uf.lower()}" if e.municipio else ""
        esperado = (*texto_de_busca(e.codigo, e.documento, e.razao_social, e.nome_fantasia), lugar)
        assert (e.busca, e.ordem, e.lugar) == esperado
    assert Empresa.objects.count() == 3


def test_a_blank_cell_leaves_what_is_stored(ana: Usuario, carteira: Carteira) -> None:
    antes = criar_empresa(1, carteira=carteira)
    Empresa.objects.filter(pk=antes.pk).update(email_fiscal="f@x.com.br", cnae_id="6201501", ativa=False, codigo="77")
    texto = linhas(f";{A};Nome novo;;Simples;;;;;;;;;", cabecalho=COMPLETA)
    importacao = enviar_e_importar(ana, texto)
    depois = Empresa.objects.get()
    assert importacao.resultado["alteradas"] == 1
    assert (depois.razao_social, depois.codigo, depois.email_fiscal, depois.cnae_id, depois.ativa, depois.carteira) == (
        "Nome novo",
        "77",
        "f@x.com.br",
        "6201501",
        False,
        carteira,
    )


def test_changes_are_shown_before_and_after(ana: Usuario, carteira: Carteira) -> None:
    criar_empresa(1)
    importacao = enviar(
        ana,
        linhas(f"{A};Nome novo;MEI;Olinda;Fiscal A;N", cabecalho="cnpj;razão social;regime;município;carteira;ativa"),
    )
    quem = "0001 Empresa Inventada 0001 Ltda"
    assert importacao.previa["alteracoes"] == [
        [2, quem, "regime", "Simples Nacional", "MEI desde 01/11/2026"],
        [2, quem, "razão social", "Empresa Inventada 0001 Ltda", "Nome novo"],
        [2, quem, "município", "São Paulo/SP", "Olinda/PE"],
        [2, quem, "carteira", "", "Fiscal A"],
        [2, quem, "ativa", "sim", "não"],
    ]


# -- regime by date ----------------------------------------------------------------------------------------------------


def test_a_new_empresa_has_its_regime_since_the_year_of_the_last_competencia(ana: Usuario) -> None:
    enviar_e_importar(ana, linhas(f"{A};Padaria;Simples"))
    assert [r.desde for r in Empresa.objects.get().regimes.all()] == [date(2026, 1, 1)]


def test_a_changed_regime_counts_from_the_first_of_this_month(ana: Usuario) -> None:
    empresa = criar_empresa(1)
    enviar_e_importar(ana, linhas(f"{A};{empresa.razao_social};Lucro Real"))
    empresa.refresh_from_db()
    assert (empresa.regime_em(date(2026, 10, 31)), empresa.regime_em(date(2026, 11, 1)), empresa.regime) == (
        "simples",
        "real",
        "real",
    )


def test_a_changed_regime_counts_from_the_date_given(ana: Usuario) -> None:
    empresa = criar_empresa(1)
    cabecalho = "cnpj;razao social;regime;regime desde"
    enviar_e_importar(ana, linhas(f"{A};{empresa.razao_social};Lucro Real;01/01/2027", cabecalho=cabecalho))
    empresa.refresh_from_db()
    assert (empresa.regime, empresa.regime_em(date(2027, 1, 1))) == ("simples", "real")


def test_the_same_regime_from_a_later_date_is_no_change(ana: Usuario) -> None:
    empresa = criar_empresa(1)
    cabecalho = "cnpj;razao social;regime;regime desde"
    importacao = enviar(ana, linhas(f"{A};{empresa.razao_social};Simples;01/06/2026", cabecalho=cabecalho))
    assert importacao.resultado["iguais"] == 1


def test_a_regime_of_the_same_date_is_corrected(ana: Usuario) -> None:
    empresa = criar_empresa(1)
    cabecalho = "cnpj;razao social;regime;regime desde"
    enviar_e_importar(ana, linhas(f"{A};{empresa.razao_social};MEI;01/01/2020", cabecalho=cabecalho))
    empresa.refresh_from_db()
    assert ([r.regime for r in empresa.regimes.all()], empresa.regime) == (["mei"], "mei")


# -- filiais -----------------------------------------------------------------------------------------------------------


def test_filiais_are_linked_to_their_matriz_by_the_number(ana: Usuario) -> None:
    filial, outra = cnpj_valido(1, ordem="0002"), cnpj_valido(2, ordem="0003")
    importacao = enviar_e_importar(
        ana, linhas(f"{filial};Filial;Simples", f"{A};Matriz;Simples", f"{outra};Sem matriz;Simples")
    )
    assert Empresa.objects.get(documento=filial).matriz == Empresa.objects.get(documento=A)
    assert Empresa.objects.get(documento=outra).matriz is None
    assert importacao.resultado["extras"]["filiais_ligadas"] == 1


def test_a_new_matriz_is_linked_to_the_filial_that_was_there(ana: Usuario) -> None:
    filial = criar_empresa(5, documento=cnpj_valido(1, ordem="0002"))
    enviar_e_importar(ana, linhas(f"{A};Matriz;Simples"))
    filial.refresh_from_db()
    assert filial.matriz == Empresa.objects.get(documento=A)


def test_a_filial_unlinked_by_hand_stays_so_when_another_of_the_family_comes(ana: Usuario) -> None:
    criar_empresa(1)
    desligada = criar_empresa(5, documento=cnpj_valido(1, ordem="0002"))
    enviar_e_importar(ana, linhas(f"{cnpj_valido(1, ordem='0003')};Filial nova;Simples"))
    desligada.refresh_from_db()
    assert desligada.matriz is None


@pytest.mark.parametrize(("alheia", "chega"), [("0001", "0002"), ("0002", "0001")])
def test_an_operador_links_nothing_outside_the_carteiras(
    bruno: Usuario, outra_carteira: Carteira, alheia: str, chega: str
) -> None:
    criar_empresa(5, documento=cnpj_valido(1, ordem=alheia), carteira=outra_carteira)
    importacao = enviar_e_importar(bruno, linhas(f"{cnpj_valido(1, ordem=chega)};Da família;Simples"))
    assert not Empresa.objects.exclude(matriz=None).exists()
    assert importacao.resultado["extras"]["filiais_ligadas"] == 0


def test_an_operador_links_inside_the_carteiras(bruno: Usuario, carteira: Carteira) -> None:
    matriz = criar_empresa(1, carteira=carteira)
    enviar_e_importar(bruno, linhas(f"{cnpj_valido(1, ordem='0002')};Filial;Simples"))
    assert list(matriz.filiais.all()) == [Empresa.objects.get(razao_social="Filial")]


def test_the_order_of_a_cnpj_with_letters_promises_nothing(ana: Usuario) -> None:
    filial = cnpj_valido(3, letras=True, ordem="0002")
    enviar_e_importar(ana, linhas(f"{filial};Filial;Simples", f"{C};Matriz;Simples"))
    assert Empresa.objects.get(documento=filial).matriz is None


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_a_wrong_uf_beside_a_municipio_is_refused_under_uf(ana: Usuario) -> None:
    cabecalho = ["CNPJ ou CPF", "razão social", "regime", "UF", "município"]
    importacao = enviar(ana, b"".join(escrever_csv(cabecalho, [[A, "Padaria", "MEI", "XX", "Olinda"]])))
    assert importacao.recusas == [[2, "UF", "XX", "UF XX não existe. Use a sigla do estado, como SP."]]


@pytest.mark.parametrize(
    ("coluna", "valor", "motivo"),
    [
        ("CNPJ ou CPF", "", "em branco"),
        ("CNPJ ou CPF", "12345678000100", "dígito verificador errado"),
        ("CNPJ ou CPF", "9,00001E+13", "notação científica"),
        ("razão social", "", "Falta razão social. Preencha a célula."),
        ("razão social", "x" * 151, "Razão social com 151 letras; cabem 150. Abrevie."),
        ("razão social", "Zero\u200blargura", "caractere invisível"),
        ("nome fantasia", "x" * 151, "Nome fantasia com 151 letras"),
        ("regime", "", "Falta regime"),
        ("regime", "Lucro", "Regime desconhecido. Use um destes: MEI, Simples Nacional"),
        ("regime desde", "31/02/2026", "não existe no calendário"),
        ("código", "1234567890123", "Código com mais de 12 posições"),
        ("código", "não", "ou com caractere que não pode"),
        ("UF", "XX", "UF XX não existe"),
        ("município", "São Palo", "Município não encontrado. Seria São Paulo/SP?"),
        (
            "município",
            "Bom Jesus",
            "Há 5 municípios com este nome (PB, PI, RN, RS, SC). Informe também a UF, como em Bom Jesus/",
        ),
        ("município", "3550309", "Código IBGE 3550309 não existe. O último número não confere"),
        ("município", "355", "Código IBGE com 3 números; são 7"),
        ("município", "0000000", "Código IBGE 0000000 não existe"),
        ("inscrição municipal", "1" * 21, "Inscrição municipal com mais de 20 posições"),
        ("CNAE", "6201-4/01", "dígito da classe errado"),
        ("CNAE", "6920-6", "a subclasse tem 7"),
        ("CNAE", "0111-3/98", "não existe na tabela do IBGE"),
        ("e-mail", "fiscal@", "E-mail inválido"),
        ("e-mail", "a@x.com.br;b@x.com.br", "E-mail inválido"),
        ("carteira", "Nenhuma", "Carteira “Nenhuma” não existe"),
        ("início de atividade", "22/11/2026", "Início de atividade depois de 21/11/2026"),
        ("ativa", "talvez", "Esperado sim ou não"),
    ],
)
def test_a_bad_cell_is_refused_with_its_line_column_and_reason(
    ana: Usuario, coluna: str, valor: str, motivo: str
) -> None:
    celulas = {"CNPJ ou CPF": A, "razão social": "Padaria", "regime": "MEI"} | {coluna: valor}
    conteudo = b"".join(
        escrever_csv(list(celulas), [[B, "Boa", "MEI", *[""] * (len(celulas) - 3)], list(celulas.values())])
    )
    importacao = enviar(ana, conteudo)
    (achada,) = importacao.recusas
    assert achada[:3] == [3, coluna, valor[:200]]
    assert motivo in achada[3]
    assert importacao.resultado["novas"] == 1


def test_uf_and_municipio_must_agree(ana: Usuario) -> None:
    importacao = enviar(ana, linhas(f"{A};P;MEI;RJ;3550308", cabecalho="cnpj;razão social;regime;uf;município"))
    assert recusas(importacao) == [
        (2, "município", "O código IBGE 3550308 é de São Paulo/SP, não de RJ. Corrija um dos dois.")
    ]


def test_a_cpf_with_a_regime_of_cnpj_is_refused(ana: Usuario) -> None:
    importacao = enviar(ana, linhas(f"{CPF};Maria;Simples"))
    assert recusas(importacao) == [
        (2, "regime", "CPF só pode ter o regime Outro: os demais são de CNPJ. Corrija um dos dois.")
    ]


def test_a_repeated_document_keeps_the_first_line_only(ana: Usuario) -> None:
    importacao = enviar(ana, linhas(f"{A};Um;MEI", f"{B};Dois;MEI", f"{A};Três;MEI", f"{A};Quatro;MEI"))
    motivo = "Repetido: já está na linha 2. Corrija o número ou deixe só uma das linhas."
    assert recusas(importacao) == [(4, "CNPJ ou CPF", motivo), (5, "CNPJ ou CPF", motivo)]


def test_a_repeated_code_names_the_first_line(ana: Usuario) -> None:
    importacao = enviar(ana, linhas(f"7;{A};Um;MEI", f"7;{B};Dois;MEI", cabecalho="código;cnpj;razão social;regime"))
    motivo = "Código repetido: já está na linha 2. Cada empresa tem o seu; corrija um dos dois."
    assert recusas(importacao) == [(3, "código", motivo)]


def test_a_repeated_line_is_told_by_its_document_alone(ana: Usuario) -> None:
    repetidas = (f"7;{A};Um;MEI", f"7;{A};Um;MEI", f"8;{B};Dois;MEI", f"8;{A};Um;MEI")
    importacao = enviar(ana, linhas(*repetidas, cabecalho="código;cnpj;razão social;regime"))
    documento = "Repetido: já está na linha 2. Corrija o número ou deixe só uma das linhas."
    codigo = "Código repetido: já está na linha 4. Cada empresa tem o seu; corrija um dos dois."
    assert sorted(recusas(importacao)) == [
        (3, "CNPJ ou CPF", documento),
        (5, "CNPJ ou CPF", documento),
        (5, "código", codigo),
    ]


def test_the_uf_settles_a_name_of_several_municipios(ana: Usuario) -> None:
    cabecalho = "cnpj;razão social;regime;município;uf"
    importacao = enviar(ana, linhas(f"{A};Um;MEI;Bom Jesus/PI;", f"{B};Dois;MEI;Bom Jesus;PI", cabecalho=cabecalho))
    assert recusas(importacao) == []


def test_a_code_of_another_empresa_is_refused_naming_it(ana: Usuario) -> None:
    criar_empresa(1)
    importacao = enviar(ana, linhas(f"0001;{B};Dois;MEI", cabecalho="código;cnpj;razão social;regime"))
    assert recusas(importacao) == [
        (2, "código", "Este código já é de Empresa Inventada 0001 Ltda (90.000.001/0001-29). Use outro código.")
    ]


def test_a_line_with_many_faults_tells_them_all_and_counts_once(ana: Usuario) -> None:
    importacao = enviar(ana, linhas("123;;Lucro", f"{A};Boa;MEI"))
    assert [r[1] for r in importacao.recusas] == ["CNPJ ou CPF", "razão social", "regime"]
    assert (importacao.resultado["recusadas"], importacao.resultado["celulas"]) == (1, 3)


def test_a_line_with_the_wrong_number_of_cells_is_refused(ana: Usuario) -> None:
    importacao = enviar(ana, linhas(f"{A};Padaria", f"{B};Boa;MEI"))
    assert "A linha tem 2 células e o cabeçalho 3" in importacao.recusas[0][3]
    assert importacao.resultado["novas"] == 1


def test_unknown_columns_are_told(ana: Usuario) -> None:
    importacao = enviar(ana, linhas(f"{A};Padaria;MEI;9", cabecalho="cnpj;razão social;regime;telefone"))
    assert importacao.resultado["avisos"] == ["A coluna “telefone” não é conhecida e foi ignorada."]


def test_bad_municipios_by_the_thousand_cost_little(ana: Usuario) -> None:
    texto = linhas(*(f"{cnpj_valido(n)};Loja;MEI;Zzxwq {n}" for n in range(300)), cabecalho="cnpj;nome;regime;cidade")
    importacao = enviar(ana, texto)
    assert {r[3] for r in importacao.recusas} == {"Município não encontrado. Confira o nome ou use o código IBGE."}


# -- carteiras ---------------------------------------------------------------------------------------------------------

COM_CARTEIRA = "cnpj;razão social;regime;carteira"


def test_missing_carteiras_are_created_when_asked(ana: Usuario) -> None:
    texto = linhas(f"{A};Um;MEI;Fiscal X", f"{B};Dois;MEI;fiscal x", f"{C};Três;MEI;Fiscal Y", cabecalho=COM_CARTEIRA)
    conferida = enviar(ana, texto, criar_carteiras=True)
    assert conferida.resultado["avisos"] == ["Carteiras que serão criadas: Fiscal X, Fiscal Y."]
    assert not Carteira.objects.exists()
    importar(conferida)
    assert sorted(Empresa.objects.values_list("carteira__nome", flat=True)) == ["Fiscal X", "Fiscal X", "Fiscal Y"]


def test_an_operator_creates_no_carteira(bruno: Usuario) -> None:
    importacao = enviar(bruno, linhas(f"{A};Um;MEI;Fiscal X", cabecalho=COM_CARTEIRA), criar_carteiras=True)
    assert recusas(importacao) == [
        (2, "carteira", "Carteira “Fiscal X” não está entre as suas. Use uma das suas ou peça ao administrador.")
    ]


def test_an_operator_with_one_carteira_imports_into_it(bruno: Usuario, carteira: Carteira) -> None:
    enviar_e_importar(bruno, linhas(f"{A};Um;MEI"))
    assert Empresa.objects.get().carteira == carteira


def test_an_operator_with_many_carteiras_says_which(bruno: Usuario, outra_carteira: Carteira) -> None:
    outra_carteira.usuarios.add(bruno)
    importacao = enviar(bruno, linhas(f"{A};Um;MEI;", f"{B};Dois;MEI;fiscal b", cabecalho=COM_CARTEIRA))
    assert recusas(importacao) == [(2, "carteira", "Informe em qual das suas carteiras a empresa entra.")]
    importar(importacao)
    assert Empresa.objects.get().carteira == outra_carteira


def test_an_operator_without_carteira_imports_nothing(davi: Usuario) -> None:
    importacao = enviar(davi, linhas(f"{A};Um;MEI"))
    assert (importacao.situacao, "ainda não tem carteira" in importacao.mensagem) == ("falhou", True)


def test_an_empresa_outside_the_carteiras_is_refused(bruno: Usuario, outra_carteira: Carteira) -> None:
    criar_empresa(1, carteira=outra_carteira)
    criar_empresa(2)
    importacao = enviar(bruno, linhas(f"{A};Um;MEI", f"{B};Dois;MEI", f"{C};Três;MEI"))
    motivo = "Empresa fora das suas carteiras. Peça ao administrador a carteira dela, ou tire a linha."
    assert recusas(importacao) == [(2, "CNPJ ou CPF", motivo), (3, "CNPJ ou CPF", motivo)]
    importar(importacao)
    assert Empresa.objects.get(documento=A).razao_social == "Empresa Inventada 0001 Ltda"


def test_an_operator_does_not_move_an_empresa(bruno: Usuario, carteira: Carteira, outra_carteira: Carteira) -> None:
    outra_carteira.usuarios.add(bruno)
    criar_empresa(1, carteira=carteira)
    importacao = enviar(bruno, linhas(f"{A};Um;MEI;Fiscal B", cabecalho=COM_CARTEIRA))
    assert recusas(importacao)[0][2].startswith("Só um administrador muda uma empresa de carteira")


def test_the_owner_of_a_code_outside_the_carteiras_is_not_named(bruno: Usuario, outra_carteira: Carteira) -> None:
    criar_empresa(1, carteira=outra_carteira)
    importacao = enviar(bruno, linhas(f"0001;{B};Dois;MEI", cabecalho="código;cnpj;razão social;regime"))
    assert recusas(importacao) == [(2, "código", "Este código já é de outra empresa do escritório. Use outro código.")]


# -- command -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def arquivo(tmp_path: Path) -> Path:
    caminho = tmp_path / "lista.csv"
    caminho.write_text(linhas(f"{A};Padaria;Simples", "123;Ruim;MEI"), encoding="utf-8")
    return caminho


def _rodar(*args: object, **opcoes: object) -> str:
    saida = io.StringIO()
    call_command("importar_empresas", *map(str, args), stdout=saida, **opcoes)
    return saida.getvalue()


def test_the_command_imports_and_reports(ana: Usuario, arquivo: Path, tmp_path: Path) -> None:
    saida = _rodar(arquivo, recusadas=tmp_path / "recusadas.csv")
    assert "2 linhas: 1 novas, 0 alteradas, 0 iguais, 1 recusadas.\nImportado." in saida
    assert "linha 3, CNPJ ou CPF: '123': CPF ou CNPJ com 3 posições" in saida
    assert (Empresa.objects.count(), Auditoria.objects.get().usuario) == (1, ana)
    assert '3;"CNPJ ou CPF";"123"' in (tmp_path / "recusadas.csv").read_text(encoding="utf-8-sig")


def test_the_command_can_only_check(ana: Usuario, arquivo: Path) -> None:
    assert "1 novas" in _rodar(arquivo, conferir=True)
    assert not Empresa.objects.exists()


def test_the_command_says_when_there_is_nothing_to_import(ana: Usuario, arquivo: Path) -> None:
    _rodar(arquivo)
    assert "Nada a importar" in _rodar(arquivo)


@pytest.mark.parametrize(
    ("opcoes", "mensagem"), [({}, "Não há um administrador ativo"), ({"usuario": "x"}, "Não há o usuário x ativo")]
)
def test_the_command_needs_someone_to_answer_for_it(arquivo: Path, opcoes: dict[str, str], mensagem: str) -> None:
    with pytest.raises(CommandError, match=mensagem):
        _rodar(arquivo, **opcoes)


@pytest.mark.parametrize(
    ("nome", "mensagem"), [("nao-existe.csv", "Não foi possível ler"), ("vazio.csv", "está vazio")]
)
def test_the_command_refuses_a_bad_file(ana: Usuario, tmp_path: Path, nome: str, mensagem: str) -> None:
    (tmp_path / "vazio.csv").touch()
    with pytest.raises(CommandError, match=mensagem):
        _rodar(tmp_path / nome)


def test_the_command_fails_on_a_file_it_cannot_read(ana: Usuario, tmp_path: Path) -> None:
    (tmp_path / "foto.csv").write_bytes(b"\x89PNG....")
    with pytest.raises(CommandError, match="uma imagem"):
        _rodar(tmp_path / "foto.csv")
