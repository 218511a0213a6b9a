"""Spreadsheets in and out: CSV or pasted text read for imports, CSV and XLSX written for exports.

Reading is forgiving in form (encoding, separator, header names) and strict in content: what cannot be read for certain
is reported with its line, never guessed. Nothing here raises on a bad file.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from comum.formatos import format_data, normalizar

CELULA_MAXIMA = 4000
_FUSO = ZoneInfo("America/Sao_Paulo")


@dataclass(frozen=True, slots=True)
class Coluna:
    """A column an import knows. `rotulo` and `sinonimos` are the header names it answers to, besides `nome`."""

    nome: str
    rotulo: str
    obrigatoria: bool = False
    sinonimos: tuple[str, ...] = ()


# What offices and other programs write above a taxpayer's document.
DE_DOCUMENTO = ("cnpj", "cpf", "cnpj ou cpf", "cpf ou cnpj", "cnpj/cpf", "cpf/cnpj", "documento")


@dataclass(frozen=True, slots=True)
class Problema:
    """What is wrong and where. `linha` is the physical line of the file (1 = first), None for the file as a whole."""

    linha: int | None
    mensagem: str
    coluna: str = ""
    valor: str = ""


class Linha(NamedTuple):
    """A data row: physical line where it begins, and the trimmed text of each known column present in the file."""

    numero: int
    valores: dict[str, str]


class Planilha:
    """A file whose header was read. Iterating yields a Linha for each row, or a Problema where one cannot be read.

    `erros` are of the file or its header: with any of them there are no rows. `avisos` do not stop the import.
    `colunas` names the known columns present. Iterating again reads again; rows are never all in memory.
    """

    def __init__(self, *, erros: Sequence[Problema] = (), avisos: Sequence[Problema] = ()) -> None:
        self.erros = tuple(erros)
        self.avisos = tuple(avisos)
        self.codificacao = ""
        self.separador = ""
        self.colunas: tuple[str, ...] = ()
        self._fisicas: list[str] = []
        self._inicio = 0
        self._posicoes: tuple[int, ...] = ()
        self._rotulos: dict[int, str] = {}
        self._largura = 0
        self._celula_suspeita = False

    def __iter__(self) -> Iterator[Linha | Problema]:
        if self.erros:
            return
        leitor = csv.reader(self._fisicas[self._inicio :], delimiter=self.separador, strict=True)
        colunas, posicoes, largura, inicio = self.colunas, self._posicoes, self._largura, self._inicio
        completa = posicoes == tuple(range(largura))
        suspeita = self._celula_suspeita
        fim = inicio
        while True:
            try:
                for crua in leitor:
                    numero, fim = fim + 1, inicio + leitor.line_num
                    celulas = list(map(str.strip, crua))
                    if len(celulas) != largura:
                        if not any(celulas):
                            continue
                        if any(celulas[largura:]) or len(celulas) < largura:
                            yield _largura_errada(numero, len(celulas), largura)
                            continue
                    if suspeita or fim > numero:
                        if problema := _celula_ruim(numero, celulas, self._rotulos):
                            yield problema
                            continue
                        celulas = list(map(_sem_guarda, celulas))
                    escolhidas = celulas if completa else [celulas[posicao] for posicao in posicoes]
                    if any(escolhidas):
                        yield Linha(numero, dict(zip(colunas, escolhidas, strict=False)))
                return
            except csv.Error as erro:
                # The reader drops the row that it could not read and goes on with the next line.
                numero, fim = fim + 1, inicio + leitor.line_num
                yield _linha_ilegivel(numero, fim, erro)


_DO_MODELO = "Corrija o cabeçalho, ou parta do modelo, e envie de novo."


def ler(conteudo: bytes | str, colunas: Sequence[Coluna], *, sem_cabecalho: str = _DO_MODELO) -> Planilha:
    """Read an uploaded CSV (bytes: UTF-8 with or without BOM, or Windows-1252) or pasted text (str).

    The separator (`;`, `,` or tab) is the one that finds most known columns in the header, which is the first line that
    is not blank. Header names match without case, accents, blanks, `_`, hyphens and punctuation. `sem_cabecalho` is
    what to do where none was found, in pt-BR.
    """
    if isinstance(conteudo, str):
        return _ler_texto(conteudo, colunas, Planilha(), sem_cabecalho)
    if recusa := _nao_e_texto(conteudo):
        return Planilha(erros=[recusa])
    for codificacao, nome in (("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252")):
        try:
            texto = conteudo.decode(codificacao)
        except UnicodeDecodeError as erro:
            onde = erro.start
            continue
        planilha = _ler_texto(texto, colunas, Planilha(), sem_cabecalho)
        planilha.codificacao = nome
        if nome != "UTF-8" and (achado := _MISTURA.search(texto)):
            linha = texto.count("\n", 0, achado.start()) + 1
            planilha.avisos += (
                Problema(linha, f"A linha {linha} parece misturar duas codificações: confira os acentos."),
            )
        return planilha
    linha = conteudo[:onde].count(b"\n") + 1
    return Planilha(
        erros=[
            Problema(linha, f"A linha {linha} não está em UTF-8 nem em Windows-1252. Salve o arquivo como CSV UTF-8.")
        ]
    )


_ASSINATURAS = (
    (
        b"PK\x03\x04",
        "uma planilha do Excel (.xlsx) ou um arquivo compactado. Abra no Excel e use Salvar como, tipo CSV UTF-8",
    ),
    (b"\xd0\xcf\x11\xe0", "uma planilha antiga do Excel (.xls). Abra no Excel e use Salvar como, tipo CSV UTF-8"),
    (b"%PDF", "um PDF. Peça a lista em CSV a quem a gerou"),
    (b"\x89PNG", "uma imagem. Escolha o arquivo CSV"),
    (b"\xff\xd8\xff", "uma imagem. Escolha o arquivo CSV"),
    (b"GIF8", "uma imagem. Escolha o arquivo CSV"),
    (b"\x1f\x8b", "um arquivo compactado. Descompacte e envie o CSV"),
    (b"Rar!", "um arquivo compactado. Descompacte e envie o CSV"),
    (b"7z\xbc\xaf", "um arquivo compactado. Descompacte e envie o CSV"),
    (b"\xff\xfe", "texto UTF-16 (Texto Unicode do Excel). Salve de novo como CSV UTF-8"),
    (b"\xfe\xff", "texto UTF-16 (Texto Unicode do Excel). Salve de novo como CSV UTF-8"),
)
# Bytes of UTF-8 read as Windows-1252: "Ã£" for "ã", "Ã‡" for "Ç".
_MISTURA = re.compile("Ã[\xa0-\xbf‡‰Š\u201c\u201d•“”™š]|Â[\xa0-\xbf]")


def _nao_e_texto(conteudo: bytes) -> Problema | None:
    for assinatura, dito in _ASSINATURAS:
        if conteudo.startswith(assinatura):
            return Problema(None, f"O arquivo não é CSV: é {dito}.")
    nulos = conteudo.count(0)
    if nulos * 100 > len(conteudo):
        return Problema(None, "O arquivo é binário, não é texto. Escolha um arquivo CSV.")
    if nulos:
        linha = conteudo[: conteudo.index(0)].count(b"\n") + 1
        return Problema(linha, f"A linha {linha} tem um caractere nulo. Gere o arquivo de novo ou apague o caractere.")
    return None


_CONTROLES = bytes(sorted({*range(32), 127} - set(b"\t\n\r")))
_CONTROLE = re.compile(f"[{re.escape(_CONTROLES.decode())}]")
_GUARDADA = re.compile(r"'[=+\-@\t\r]")


def _ler_texto(texto: str, colunas: Sequence[Coluna], planilha: Planilha, sem_cabecalho: str) -> Planilha:
    # Ctrl+Z, the end-of-file mark of old systems.
    texto = texto.removeprefix("\ufeff").rstrip("\x1a")
    # newline="" keeps \r, \n and \r\n as they are, which is what the csv module and people count as lines.
    fisicas = io.StringIO(texto, newline="").readlines()
    posicao = next((i for i, fisica in enumerate(fisicas) if fisica.strip()), None)
    if posicao is not None and re.fullmatch(r"sep=[;,\t]", fisicas[posicao].strip(" \r\n"), re.IGNORECASE):
        posicao = next((i for i in range(posicao + 1, len(fisicas)) if fisicas[i].strip()), None)
    if posicao is None:
        vazio = "O arquivo está vazio. Envie um arquivo com cabeçalho e uma linha por registro."
        planilha.erros = (Problema(None, vazio),)
        return planilha
    cabecalho = _melhor_cabecalho(fisicas, posicao, colunas, sem_cabecalho)
    if isinstance(cabecalho, Problema):
        planilha.erros = (cabecalho,)
        return planilha
    planilha.separador, nomes, lidas = cabecalho
    planilha._fisicas, planilha._inicio, planilha._largura = fisicas, posicao + lidas, len(nomes)
    _conferir_cabecalho(planilha, nomes, colunas, posicao + 1)
    # Looked for once in the whole text, so that clean files pay nothing per cell.
    planilha._celula_suspeita = bool(
        max(map(len, fisicas)) > CELULA_MAXIMA or _tem_controle(texto) or _GUARDADA.search(texto)
    )
    if not planilha.erros and next(iter(planilha), None) is None:
        so_cabecalho = "O arquivo só tem o cabeçalho. Inclua ao menos uma linha com dados."
        planilha.erros = (Problema(posicao + 1, so_cabecalho),)
    return planilha


def _tem_controle(texto: str) -> bool:
    bruto = texto.encode(errors="replace")
    return len(bruto.translate(None, _CONTROLES)) < len(bruto)


def _chave(nome: str) -> str:
    """Header name without case, accents, blanks and punctuation."""
    return re.sub(r"[\W_]+", "", normalizar(nome))


def _conhecidas(colunas: Sequence[Coluna]) -> dict[str, Coluna]:
    return {_chave(nome): coluna for coluna in colunas for nome in (coluna.nome, coluna.rotulo, *coluna.sinonimos)}


def _melhor_cabecalho(
    fisicas: list[str], posicao: int, colunas: Sequence[Coluna], sem_cabecalho: str
) -> tuple[str, list[str], int] | Problema:
    """Separator, header cells and physical lines used, or why no header was found."""
    conhecidas = _conhecidas(colunas)
    melhor: tuple[int, int, str, list[str], int] | None = None
    for separador in ";\t,":
        leitor = csv.reader(fisicas[posicao : posicao + 20], delimiter=separador, strict=True)
        try:
            nomes = next(leitor)
        except csv.Error:
            continue
        achadas = sum(_chave(nome) in conhecidas for nome in nomes)
        if melhor is None or (achadas, len(nomes)) > melhor[:2]:
            melhor = (achadas, len(nomes), separador, nomes, leitor.line_num)
    if melhor is None:
        return Problema(
            posicao + 1, "O cabeçalho tem aspas abertas e não fechadas. Corrija a primeira linha do arquivo."
        )
    if not melhor[0]:
        onde = "A primeira linha" if posicao == 0 else f"A linha {posicao + 1}"
        return Problema(
            posicao + 1,
            f"{onde} precisa trazer os nomes das colunas, e nenhum foi reconhecido"
            f"{_entre_aspas(melhor[3], ' em {}')}. {_faltam(colunas)} {sem_cabecalho}",
        )
    return melhor[2], melhor[3], melhor[4]


def _faltam(colunas: Sequence[Coluna]) -> str:
    """Which required columns are missing, and that no other has to be there."""
    rotulos = [coluna.rotulo for coluna in colunas if coluna.obrigatoria]
    falta = "Faltam as colunas obrigatórias" if len(rotulos) > 1 else "Falta a coluna obrigatória"
    return f"{_entre_aspas(rotulos, falta + ' {}.')} As demais são opcionais."


def _entre_aspas(nomes: Sequence[str], frase: str) -> str:
    """`frase` with the names, or "" without any: “a”, “b” e “c”. Long names and lists are cut."""
    limpos = [f"“{nome[:39]}…”" if len(nome) > 40 else f"“{nome}”" for nome in map(str.strip, nomes) if nome]
    if len(limpos) > 8:
        limpos[7:] = [f"mais {len(limpos) - 7}"]
    return (
        frase.format(" e ".join([", ".join(limpos[:-1]), limpos[-1]] if len(limpos) > 1 else limpos)) if limpos else ""
    )


def _conferir_cabecalho(planilha: Planilha, nomes: list[str], colunas: Sequence[Coluna], linha: int) -> None:
    conhecidas = _conhecidas(colunas)
    presentes: dict[str, int] = {}
    erros, avisos = [], []
    for posicao, nome in enumerate(nomes):
        coluna = conhecidas.get(_chave(nome))
        if coluna is None:
            if rotulo := nome.strip():
                avisos.append(Problema(linha, f"A coluna “{rotulo}” não é conhecida e foi ignorada.", rotulo))
        elif coluna.nome in presentes:
            onde = f"na {presentes[coluna.nome] + 1}ª e na {posicao + 1}ª posição"
            dito = f"A coluna “{coluna.rotulo}” aparece duas vezes: {onde}. Deixe só uma."
            erros.append(Problema(linha, dito, coluna.rotulo))
        else:
            presentes[coluna.nome] = posicao
    faltam = [coluna for coluna in colunas if coluna.obrigatoria and coluna.nome not in presentes]
    if faltam:
        estranhas = _entre_aspas(
            [aviso.coluna for aviso in avisos],
            " O arquivo traz {}, que o Guichê não conhece: confira se falta renomear.",
        )
        erros.append(Problema(linha, _faltam(faltam) + estranhas, ", ".join(coluna.rotulo for coluna in faltam)))
    planilha.erros, planilha.avisos = tuple(erros), tuple(avisos)
    planilha.colunas, planilha._posicoes = tuple(presentes), tuple(presentes.values())
    rotulos = {coluna.nome: coluna.rotulo for coluna in colunas}
    planilha._rotulos = {posicao: rotulos[nome] for nome, posicao in presentes.items()}


def _linha_ilegivel(numero: int, fim: int, erro: csv.Error) -> Problema:
    onde = f"linhas {numero} a {fim}" if fim > numero else f"linha {numero}"
    if "unexpected end of data" in str(erro):
        return Problema(
            numero, f"Aspas abertas na linha {numero} e não fechadas até o fim do arquivo. Feche ou apague as aspas."
        )
    if "field larger" in str(erro):
        return Problema(
            numero, f"Célula grande demais ({onde}): confira se há aspas abertas e não fechadas na linha {numero}."
        )
    return Problema(
        numero, f"Aspas fora do lugar ({onde}): aspas dentro de um texto entre aspas são escritas em dobro."
    )


def _largura_errada(numero: int, achadas: int, largura: int) -> Problema:
    if achadas > largura:
        return Problema(
            numero,
            f"A linha tem {achadas} células e o cabeçalho {largura}. "
            "Há separador a mais, ou um texto com o separador sem aspas.",
        )
    return Problema(numero, f"A linha tem {achadas} células e o cabeçalho {largura}. Complete as células que faltam.")


def _celula_ruim(numero: int, celulas: list[str], rotulos: dict[int, str]) -> Problema | None:
    for posicao, celula in enumerate(celulas):
        if len(celula) > CELULA_MAXIMA:
            return Problema(
                numero,
                f"Célula com {len(celula)} caracteres; o máximo são {CELULA_MAXIMA}. Confira se faltou fechar aspas.",
                coluna=rotulos.get(posicao, ""),
                valor=celula[:80],
            )
        if _CONTROLE.search(celula):
            motivo = "Célula com caractere invisível de controle. Digite o texto de novo."
            return Problema(numero, motivo, coluna=rotulos.get(posicao, ""), valor=celula[:80])
    return None


def _sem_guarda(celula: str) -> str:
    """Without the apostrophe that our own exports put before a would-be formula."""
    return celula[1:] if _GUARDADA.match(celula) else celula


Celula = str | int | Decimal | date | datetime | bool | None

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMERO = re.compile(r"[+-]?\d[\d.,]*", re.ASCII)


def _texto_seguro(texto: str) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay."""
    return f"'{texto}" if _FORMULA.match(texto) and not _NUMERO.fullmatch(texto) else texto


def _local(instante: datetime) -> datetime:
    """Aware instants as São Paulo shows them, without zone, because spreadsheets know none."""
    return instante.astimezone(_FUSO).replace(tzinfo=None) if instante.tzinfo else instante


def _para_csv(valor: Celula) -> str | int:
    if isinstance(valor, str):
        return _texto_seguro(valor)
    if valor is None:
        return ""
    if isinstance(valor, bool):
        return "Sim" if valor else "Não"
    if isinstance(valor, datetime):
        return f"{format_data(_local(valor))} {_local(valor):%H:%M:%S}"
    if isinstance(valor, date):
        return format_data(valor)
    return f"{valor:f}".replace(".", ",") if isinstance(valor, Decimal) else valor


def escrever_csv(cabecalho: Sequence[str], linhas: Iterable[Sequence[Celula]]) -> Iterator[bytes]:
    """CSV in pieces of about 64 KiB: UTF-8 with BOM, `;`, CRLF, texts in quotes, decimal comma, dd/mm/aaaa.

    Texts beginning with = + - @ or tab get an apostrophe in front, so that no spreadsheet runs them.
    """
    saida = io.StringIO(newline="")
    saida.write("\ufeff")
    escritor = csv.writer(saida, delimiter=";", quoting=csv.QUOTE_STRINGS)
    escritor.writerow([_texto_seguro(nome) for nome in cabecalho])
    for linha in linhas:
        escritor.writerow([_para_csv(valor) for valor in linha])
        if saida.tell() > 65536:
            yield saida.getvalue().encode()
            saida.seek(0)
            saida.truncate()
    yield saida.getvalue().encode()


def escrever_xlsx(cabecalho: Sequence[str], linhas: Iterable[Sequence[Celula]], titulo: str) -> bytes:
    """XLSX with one sheet named `titulo`: texts stay texts (zeros are kept, nothing is a formula), header frozen."""
    livro = Workbook(write_only=True)
    aba = livro.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", titulo)[:31] or "Planilha")
    aba.freeze_panes = "A2"

    def celula(valor: Celula) -> object:
        if isinstance(valor, str):
            texto = ILLEGAL_CHARACTERS_RE.sub("", valor)[:32767]
            if not texto.startswith("="):
                return texto
            formula = WriteOnlyCell(aba, texto)
            formula.data_type = "s"
            return formula
        if isinstance(valor, bool):
            return "Sim" if valor else "Não"
        return _formatada(aba, valor)

    aba.append([celula(nome) for nome in cabecalho])
    for linha in linhas:
        aba.append([celula(valor) for valor in linha])
    arquivo = io.BytesIO()
    livro.save(arquivo)
    return arquivo.getvalue()


def _formatada(aba: object, valor: int | Decimal | date | datetime | None) -> object:
    if valor is None or isinstance(valor, int):
        return valor
    if isinstance(valor, Decimal):
        formato = "#,##0.00"
    else:
        formato = "dd/mm/yyyy hh:mm:ss" if isinstance(valor, datetime) else "dd/mm/yyyy"
    celula = WriteOnlyCell(aba, _local(valor) if isinstance(valor, datetime) else valor)
    celula.number_format = formato
    return celula
