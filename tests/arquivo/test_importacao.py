"""The import of XML and PDF: what is recognised, what is filed, and every file that is not, by name."""

import io
import struct
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from arquivo.importacao import pacote as pacotes
from arquivo.models import Documento
from arquivo.services import abrir, guardar
from comum.models import Auditoria, Usuario
from empresas.importacao import base
from empresas.models import Carteira, Empresa, Importacao
from guias.models import Guia
from nfse.faltas import saltos
from nfse.models import EventoNota, Nota, NumeroDeFora
from nfse.providers.nacional.eventos import PedidoDeEvento, TipoEvento
from sandbox.pdf import montar, texto
from tests.cast import criar_empresa
from tests.nfse.apoio import autorizar, criar_canal, criar_nota
from tests.nfse.nacional import autorizadas
from tests.nfse.nacional.apoio import CNPJ
from tests.nfse.nacional.apoio import chave_de as chave_nacional
from tests.pagar.documentos import guia as desenhar
from tests.pagar.documentos import pdf_do_das

pytestmark = pytest.mark.django_db

NS = 'xmlns="http://www.sped.fazenda.gov.br/nfse"'


def chave_de(documento: str, numero: int = 12, mes: str = "2610") -> str:
    return f"35503082{'1' if len(documento) == 11 else '2'}{documento.zfill(14)}{numero:013d}{mes}1234567891"


def nacional(prestador: str, tomador: str = "", numero: int = 12, **trocas: str) -> bytes:
    chave = trocas.get("chave", chave_de(prestador, numero))
    ambiente = trocas.get("ambiente", "1")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><NFSe {NS} versao="1.01"><infNFSe Id="NFS{chave}">'
        f"<nNFSe>{numero}</nNFSe><emit><CNPJ>{prestador}</CNPJ><xNome>Emitente</xNome></emit>"
        f"<valores><vLiq>100.00</vLiq></valores><DPS><infDPS><tpAmb>{ambiente}</tpAmb>"
        f"<cLocEmi>{trocas.get('municipio', '3550308')}</cLocEmi>"
        "<dhEmi>2026-10-20T10:00:00-03:00</dhEmi><dCompet>2026-10-20</dCompet>"
        f"<prest><CNPJ>{prestador}</CNPJ></prest><toma><CNPJ>{tomador}</CNPJ></toma>"
        "<serv><xDescServ>Honorários</xDescServ></serv><valores><vServ>100.00</vServ></valores>"
        "</infDPS></DPS></infNFSe></NFSe>"
    ).encode()


def evento(chave: str, codigo: str = "e101101") -> bytes:
    return (
        f"<evento {NS}><infEvento><pedRegEvento><infPedReg><chNFSe>{chave}</chNFSe>"
        f"<{codigo}><xDesc>Cancelamento</xDesc></{codigo}></infPedReg></pedRegEvento></infEvento></evento>"
    ).encode()


def abrasf(prestador: str, tomador: str = "") -> bytes:
    return (
        '<CompNfse xmlns="http://www.abrasf.org.br/nfse.xsd"><Nfse><InfNfse><Numero>77</Numero>'
        "<DataEmissao>2026-09-30T08:00:00</DataEmissao><Competencia>2026-09-01</Competencia>"
        f"<PrestadorServico><Cnpj>{prestador}</Cnpj></PrestadorServico>"
        f"<TomadorServico><Cnpj>{tomador}</Cnpj></TomadorServico>"
        "<Servico><Valores><ValorServicos>10.00</ValorServicos></Valores></Servico></InfNfse></Nfse></CompNfse>"
    ).encode()


def em_zip(arquivos: Mapping[str, bytes]) -> bytes:
    saida = io.BytesIO()
    with zipfile.ZipFile(saida, "w", zipfile.ZIP_DEFLATED) as pacote:
        for nome, conteudo in arquivos.items():
            pacote.writestr(nome, conteudo)
    return saida.getvalue()


def conferir(usuario: Usuario, conteudo: bytes, nome: str = "notas.zip") -> Importacao:
    importacao = base.receber(
        tipo="documentos",
        usuario=usuario,
        nome_arquivo=nome,
        conteudo=conteudo,
        parametros={"nome": nome},
        agendar=False,
    )
    base.conferir(importacao.pk)
    return Importacao.objects.get(pk=importacao.pk)


def importar(usuario: Usuario, conteudo: bytes, nome: str = "notas.zip") -> Importacao:
    importacao = conferir(usuario, conteudo, nome)
    base.pedir_importar(importacao, agendar=False)
    base.importar(importacao.pk)
    return Importacao.objects.get(pk=importacao.pk)


def motivos(importacao: Importacao) -> dict[str, str]:
    return {valor: motivo for _, _, valor, motivo in importacao.previa["recusas"]}


@pytest.fixture
def empresa(carteira: Carteira) -> Empresa:
    return criar_empresa(1, carteira=carteira)


def test_checking_writes_nothing_and_importing_files_each(
    bruno: Usuario, empresa: Empresa, carteira: Carteira, settings: Any, tmp_path: Any
) -> None:
    outra = criar_empresa(2, carteira=carteira, letras=True)
    chave = chave_de(empresa.documento)
    xml = nacional(empresa.documento, outra.documento)
    conteudo = em_zip(
        {
            "2026/outubro/nota 12.xml": xml,
            "cancelada.xml": evento(chave),
            "recife.xml": abrasf("99999999000191", empresa.documento),
            "__MACOSX/._nota 12.xml": b"lixo",
        }
    )
    conferida = conferir(bruno, conteudo)
    assert (conferida.situacao, conferida.linhas, conferida.resultado["novas"]) == ("conferida", 3, 4)
    assert not conferida.previa["recusas"]
    assert not Documento.objects.exists()
    assert not (tmp_path / "arquivo").exists()
    base.pedir_importar(conferida, agendar=False)
    base.importar(conferida.pk)
    assert set(Documento.objects.values_list("empresa", "tipo", "competencia", "chave", "numero", "origem")) == {
        (empresa.pk, "nfse_xml", date(2026, 10, 1), chave, "12", "importado"),
        (outra.pk, "recebida_xml", date(2026, 10, 1), chave, "12", "importado"),
        (empresa.pk, "cancel_xml", date(2026, 10, 1), chave, "12", "importado"),
        (empresa.pk, "recebida_xml", date(2026, 9, 1), "", "77", "importado"),
    }
    assert abrir(Documento.objects.get(tipo="nfse_xml")) == xml
    assert Auditoria.objects.get(acao="documentos.importar").dados["documentos"] == 4


def test_what_is_kept_already_does_not_enter_again(bruno: Usuario, empresa: Empresa) -> None:
    xml = nacional(empresa.documento)
    guardar(xml, empresa=empresa, tipo="nfse_xml", nome="NFSE-12.xml", competencia=date(2026, 10, 1))
    outro = nacional(empresa.documento, numero=13)
    feita = importar(bruno, em_zip({"a.xml": xml, "b.xml": outro, "copia de b.xml": outro}))
    assert (feita.resultado["novas"], feita.resultado["iguais"]) == (1, 2)
    assert Documento.objects.count() == 2
    de_novo = conferir(bruno, em_zip({"a.xml": xml, "b.xml": outro}))
    assert (de_novo.resultado["novas"], de_novo.resultado["iguais"]) == (0, 2)


def test_another_content_under_the_same_key_is_named(bruno: Usuario, empresa: Empresa) -> None:
    importar(bruno, nacional(empresa.documento), "a.xml")
    outra = conferir(bruno, nacional(empresa.documento) + b"\n", "b.xml")
    assert "outro conteúdo" in motivos(outra)["b.xml"]


def test_a_file_that_is_of_two_empresas_is_refused_once(bruno: Usuario, empresa: Empresa, carteira: Carteira) -> None:
    outra = criar_empresa(2, carteira=carteira)
    importar(bruno, nacional(empresa.documento, outra.documento), "a.xml")
    de_novo = conferir(bruno, nacional(empresa.documento, outra.documento) + b"\n", "b.xml")
    assert len(de_novo.previa["recusas"]) == 1


BOMBA = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><NFSe>&b;</NFSe>'
XXE = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><NFSe>&x;</NFSe>'


def test_each_file_that_does_not_enter_is_named_with_its_reason(
    bruno: Usuario, empresa: Empresa, outra_carteira: Carteira
) -> None:
    nossa = empresa.documento
    alheia = criar_empresa(2, carteira=outra_carteira)
    arquivos = {
        "de outra carteira.xml": nacional(alheia.documento),
        "de ninguem.xml": nacional("99999999000191"),
        "quebrado.xml": b"<NFSe><a></NFSe>",
        "bomba.xml": BOMBA,
        "xxe.xml": XXE,
        "latim.xml": '<?xml version="1.0" encoding="UTF-8"?><NFSe>ação</NFSe>'.encode("latin-1"),
        "outro.xml": b"<catalogo/>",
        "sem chave.xml": nacional(nossa, chave="123"),
        "trocada.xml": nacional(nossa, chave=chave_de("99999999000191")),
        "de outro lugar.xml": nacional(nossa, municipio="2611606"),
        "de outro numero.xml": nacional(nossa, numero=13, chave=chave_de(nossa)),
        "carta.xml": evento(chave_de(nossa), "carta"),
        "planilha.xlsx": b"qualquer coisa",
        "foto.pdf": montar(texto(46, 530, "nada"), titulo="x"),
        "ruim.pdf": b"%PDF-1.4 nada",
        "vazio.xml": b"",
        "dentro.zip": em_zip({"a.xml": nacional(nossa)}),
        "grande.xml": b"<a>" + b" " * (3 * 1024 * 1024) + b"</a>",
        "../../fora.xml": nacional(nossa, numero=1),
        "/etc/fora.xml": nacional(nossa, numero=2),
        "C:\\fora.xml": nacional(nossa, numero=3),
        "boa.xml": nacional(nossa, numero=4),
    }
    feita = importar(bruno, em_zip(arquivos))
    ditos = motivos(feita)
    assert set(ditos) == {nome for nome in arquivos if nome != "boa.xml"}
    for nome, parte in {
        "de outra carteira.xml": "não é uma empresa cadastrada que você veja",
        "de ninguem.xml": "99.999.999/0001-91",
        "quebrado.xml": "linha 1",
        "bomba.xml": "DTD ou entidades",
        "xxe.xml": "DTD ou entidades",
        "latim.xml": "não é um XML legível",
        "outro.xml": "layouts conhecidos",
        "sem chave.xml": "50 posições",
        "trocada.xml": "montado ou alterado",
        "de outro lugar.xml": "é do município 3550308 (IBGE), e o XML diz 2611606",
        "de outro numero.xml": "da nota de número 12, e o XML diz 13",
        "carta.xml": "não diz qual é o evento",
        "planilha.xlsx": "Não é XML nem PDF",
        "foto.pdf": "não traz a chave",
        "vazio.xml": "vazio",
        "dentro.zip": "ZIP dentro do ZIP",
        "grande.xml": "bomba de descompressão",
        "../../fora.xml": "aponta para fora",
        "/etc/fora.xml": "aponta para fora",
        "C:\\fora.xml": "aponta para fora",
    }.items():
        assert parte in ditos[nome], nome
    assert [d.numero for d in Documento.objects.all()] == ["4"]


def test_a_file_that_grows_beyond_what_the_zip_says_is_not_kept_whole_in_memory(
    bruno: Usuario, empresa: Empresa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacotes, "MAXIMO_POR_ARQUIVO", 1000)
    conteudo = bytearray(em_zip({"a.xml": b"<a>" + b"x" * 5000 + b"</a>"}))
    diretorio = conteudo.rindex(b"PK\x01\x02")
    struct.pack_into("<I", conteudo, diretorio + 24, 900)  # the size it claims
    assert "a.xml" in motivos(conferir(bruno, bytes(conteudo)))


def test_a_protected_or_broken_member_is_named_and_the_rest_enters(bruno: Usuario, empresa: Empresa) -> None:
    boa = nacional(empresa.documento)
    conteudo = bytearray(
        em_zip({"segredo.xml": b"<a/>", "estragada.xml": b"<b>" + b"y" * 300 + b"</b>", "boa.xml": boa})
    )
    primeiro = conteudo.index(b"PK\x01\x02")
    conteudo[primeiro + 8] |= 1
    onde = conteudo.index(b"estragada.xml") + len("estragada.xml")
    conteudo[onde + 2 : onde + 8] = b"\xff" * 6
    ditos = motivos(importar(bruno, bytes(conteudo)))
    assert set(ditos) == {"segredo.xml", "estragada.xml"}
    assert "senha" in ditos["segredo.xml"]
    assert Documento.objects.count() == 1


@pytest.mark.parametrize(
    ("conteudo", "dito"), [(b"PK\x03\x04nada", "quebrado"), (em_zip({}), "não traz nenhum arquivo")]
)
def test_a_zip_that_cannot_be_opened_says_so(bruno: Usuario, conteudo: bytes, dito: str) -> None:
    importacao = conferir(bruno, conteudo)
    assert importacao.situacao == "falhou"
    assert dito in importacao.mensagem


def test_too_many_files_or_too_much_content(bruno: Usuario, monkeypatch: pytest.MonkeyPatch) -> None:
    conteudo = em_zip({"a.xml": b"<a/>", "b.xml": b"<b/>"})
    monkeypatch.setattr(pacotes, "MAXIMO_DE_ARQUIVOS", 1)
    assert "o máximo são 1" in conferir(bruno, conteudo).mensagem
    monkeypatch.undo()
    monkeypatch.setattr(pacotes, "MAXIMO_NO_TOTAL", 5)
    assert "passa de 1 GB" in conferir(bruno, conteudo).mensagem


def test_a_note_of_the_test_environment_is_not_filed_in_production(
    bruno: Usuario, empresa: Empresa, settings: Any
) -> None:
    xml = nacional(empresa.documento, ambiente="2")
    assert conferir(bruno, xml, "a.xml").resultado["novas"] == 1
    settings.AMBIENTE = "producao"
    assert "sem valor fiscal" in motivos(conferir(bruno, xml, "a.xml"))["a.xml"]


PEDIDO = PedidoDeEvento(
    tipo=TipoEvento.CANCELAMENTO,
    producao=False,
    autor=CNPJ,
    chave=chave_nacional(),
    codigo="1",
    motivo="Serviço não foi prestado ao tomador",
    instante=datetime.now(UTC),
)


def test_a_signature_is_verified_and_what_has_none_is_told(bruno: Usuario, empresa: Empresa) -> None:
    boa, cancelada = autorizadas.nfse(), autorizadas.evento(PEDIDO)
    dono = criar_empresa(7, carteira=empresa.carteira, documento=CNPJ)
    feita = importar(
        bruno,
        em_zip(
            {
                "boa.xml": boa,
                "cancelada.xml": cancelada,
                "alterada.xml": boa.replace(b"<xNome>", b"<xNome>X", 1),
                "cancelada alterada.xml": cancelada.replace(b"<nSeqEvento>1", b"<nSeqEvento>2"),
                "sem assinatura.xml": nacional(empresa.documento),
                "evento sem assinatura.xml": evento(chave_de(empresa.documento)),
                "dentro.xml": b"<lote>" + nacional(empresa.documento, numero=13).partition(b"?>")[2] + b"</lote>",
                "do municipio.xml": abrasf(empresa.documento),
            }
        ),
    )
    ditos = motivos(feita)
    assert set(ditos) == {"alterada.xml", "cancelada alterada.xml"}
    assert all("alterado depois de assinado" in dito for dito in ditos.values())
    assert {valor: motivo.split(":")[0] for _, _, valor, motivo in feita.previa["alertas"]} == {
        "sem assinatura.xml": "O XML não traz a assinatura de quem o autorizou",
        "evento sem assinatura.xml": "O XML não traz a assinatura de quem o autorizou",
        "dentro.xml": "O documento veio dentro de outro XML",
        "do municipio.xml": "É do layout do município (ABRASF)",
    }
    assert {d.tipo for d in Documento.objects.filter(empresa=dono)} == {"nfse_xml", "cancel_xml"}


def test_several_events_of_one_note_are_kept(bruno: Usuario, empresa: Empresa) -> None:
    chave = chave_de(empresa.documento)
    eventos = {f"{codigo}.xml": evento(chave, codigo) for codigo in ("e101103", "e105105", "e305102")}
    assert not motivos(importar(bruno, em_zip(eventos)))
    assert list(Documento.objects.values_list("tipo", "chave")) == [("evento_xml", chave)] * 3


def test_the_pdf_of_a_note_is_known_by_the_key_it_prints(bruno: Usuario, empresa: Empresa) -> None:
    chave = chave_de(empresa.documento, 345)
    pdf = montar(texto(46, 530, f"Chave de Acesso da NFS-e {chave}"), titulo="DANFSe")
    importar(bruno, pdf, "danfse.pdf")
    documento = Documento.objects.get()
    assert (documento.tipo, documento.chave, documento.numero) == ("nfse_pdf", chave, "345")
    assert (documento.empresa, documento.competencia) == (empresa, date(2026, 10, 1))


def test_the_pdf_of_a_guia_goes_to_the_guia_that_lacks_it(bruno: Usuario, empresa: Empresa) -> None:
    guia = desenhar(empresa, 1)
    Guia.objects.filter(pk=guia.pk).update(documento=None)
    pdf = pdf_do_das(guia.numero, guia.total, guia.limite) + b"\n% outra via"
    importar(bruno, pdf, "das.pdf")
    guia.refresh_from_db()
    assert guia.documento is not None
    assert (guia.documento.origem, guia.documento.numero, guia.documento.tipo) == ("importado", guia.numero, "das")


def test_the_pdf_of_any_other_guia_is_named_with_what_to_do(
    bruno: Usuario, empresa: Empresa, outra_carteira: Carteira
) -> None:
    dela, outra = desenhar(empresa, 1), desenhar(empresa, 2, divida="outra")
    de_outra_carteira = desenhar(criar_empresa(9, carteira=outra_carteira), 3)
    duas = pypdf.PdfWriter()
    for guia in (dela, outra):
        duas.append(io.BytesIO(pdf_do_das(guia.numero, guia.total, guia.limite)))
    juntas = io.BytesIO()
    duas.write(juntas)
    arquivos = {
        "de fora.pdf": pdf_do_das("07202632599999999", dela.total, dela.limite),
        "alheia.pdf": pdf_do_das(de_outra_carteira.numero, dela.total, dela.limite),
        "duas.pdf": juntas.getvalue(),
        "imagem.pdf": montar("", titulo="x"),
        "boa.pdf": pdf_do_das(dela.numero, dela.total, dela.limite) + b"\n% outra via",
    }
    ditos = motivos(importar(bruno, em_zip(arquivos)))
    assert set(ditos) == set(arquivos) - {"boa.pdf"}
    for nome, numero in (("de fora.pdf", "07202632599999999"), ("alheia.pdf", de_outra_carteira.numero)):
        assert ditos[nome].startswith(f"O PDF é da guia {numero}, que não foi emitida pelo Guichê")
        assert "emita a guia de novo em Guias" in ditos[nome]
    assert "Separe-as" in ditos["duas.pdf"]
    assert "imagem sem texto" in ditos["imagem.pdf"]
    assert Documento.objects.filter(origem="importado").values_list("numero", flat=True).get() == dela.numero


def test_a_note_that_lacks_its_xml_takes_the_imported_one(bruno: Usuario, empresa: Empresa) -> None:
    canal = criar_canal(empresa)
    chave = chave_de(empresa.documento)
    nota = autorizar(criar_nota(canal, bruno), bruno, chave=chave, numero="12")
    assert nota.xml is None
    importar(bruno, nacional(empresa.documento), "a.xml")
    nota.refresh_from_db()
    assert nota.xml is not None
    assert nota.xml.origem == "importado"
    assert nota.eventos.filter(tipo=EventoNota.Tipo.DOCUMENTOS).count() == 1


def test_an_imported_note_closes_the_gap_of_its_number(bruno: Usuario, empresa: Empresa) -> None:
    canal = criar_canal(empresa)
    for numero in (10, 13):
        nota = criar_nota(canal, bruno)
        Nota.objects.filter(pk=nota.pk).update(canal=canal, serie="1", numero=numero)
    assert saltos(bruno).count() == 1
    rps = "<IdentificacaoRps><Numero>11</Numero><Serie>01</Serie><Tipo>1</Tipo></IdentificacaoRps></InfNfse>"
    onze = abrasf(empresa.documento).replace(b"</InfNfse>", rps.encode())
    tomada = abrasf("99999999000191", empresa.documento).replace(b"</InfNfse>", rps.replace("11", "12").encode())
    importar(bruno, em_zip({"onze.xml": onze, "tomada.xml": tomada, "sem rps.xml": abrasf(empresa.documento)}))
    assert list(NumeroDeFora.objects.values_list("empresa", "nacional", "serie", "numero")) == [
        (empresa.pk, False, "1", 11)
    ]
    assert saltos(bruno).count() == 1
    importar(bruno, onze.replace(b"<Numero>11<", b"<Numero>12<"), "doze.xml")
    assert not saltos(bruno).exists()


def test_the_number_of_a_national_note_is_of_a_dps(bruno: Usuario, carteira: Carteira) -> None:
    dono = criar_empresa(7, carteira=carteira, documento=CNPJ)
    importar(bruno, autorizadas.nfse(), "a.xml")
    assert list(NumeroDeFora.objects.values_list("empresa", "nacional", "serie", "numero")) == [
        (dono.pk, True, "1", 19)
    ]


def test_the_screen_sends_checks_and_shows(client: Client, bruno: Usuario, carla: Usuario, empresa: Empresa) -> None:
    client.force_login(bruno)
    url = reverse("arquivo:importar")
    assert client.post(url, {}).status_code == 422
    arquivo = SimpleUploadedFile("notas.zip", em_zip({"a.xml": nacional(empresa.documento), "b.txt": b"x"}))
    resposta = client.post(url, {"arquivo": arquivo})
    importacao = Importacao.objects.get()
    assert resposta["Location"] == reverse("empresas:importacao", args=[importacao.pk])
    base.conferir(importacao.pk)
    pagina = client.get(resposta["Location"]).content.decode()
    assert "Importar 1 documento" in pagina
    assert "Arquivos recusados" in pagina
    assert "b.txt" in pagina
    assert "notas.zip" in client.get(url).content.decode()
    client.force_login(carla)
    assert client.get(url).status_code == 403
