"""The CSV of a table of prices: all the tiers of the three classes from one date on."""

import hashlib
from collections import defaultdict
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from comum.auditoria import registrar
from comum.documentos import Invalido
from comum.formatos import format_data, normalizar, parse_data
from comum.planilhas import Coluna, Linha, ler
from empresas.importacao.base import ArquivoRecusado, Conferencia, Importador, Progresso, Recusa, recusa_de
from operacoes.custos import limpar_memoria
from operacoes.custos.precos import COBRADAS, Faixa, problema_da_data, problemas_das_faixas
from operacoes.models import FaixaPreco, TabelaPreco

COLUNAS = (
    Coluna("desde", "vigente desde", True, ("desde", "data", "vigente_desde")),
    Coluna("classe", "classe", True),
    Coluna("ate", "até (chamadas)", True, ("até", "ate", "limite")),
    Coluna("preco", "preço (R$)", True, ("preço", "preco", "valor")),
)
_ROTULOS = {coluna.nome: coluna.rotulo for coluna in COLUNAS}
_CLASSES = {normalizar(texto): classe for classe in COBRADAS for texto in (classe.value, str(classe.label))}
_MAIOR_PRECO = Decimal("9999.9999")


class ImportadorDePrecos(Importador):
    """A whole table of a date that has none yet (`parametros`: fonte, certeza): in it, or not at all."""

    tipo = "precos"
    titulo = "Importar tabela de preços"
    singular = "faixa de preço"
    plural = "faixas de preço"
    colunas = COLUNAS
    url_nova = "custos:importar_precos"
    url_lista = "custos:precos"

    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        if not self.usuario.administra:
            raise ArquivoRecusado("Só o administrador do Guichê importa preços. Nada foi gravado.")
        planilha = ler(conteudo, COLUNAS)
        if planilha.erros:
            raise ArquivoRecusado("\n".join(erro.mensagem for erro in planilha.erros))
        self._avisos = [aviso.mensagem for aviso in planilha.avisos]
        self._faixas: dict[tuple[date, str], list[tuple[int, Faixa]]] = defaultdict(list)
        for ordem, item in enumerate(planilha, start=1):
            if isinstance(item, Linha):
                self._linha(item)
            else:
                self.recusas.append(recusa_de(item))
            progresso(ordem)

    def _linha(self, linha: Linha) -> None:
        antes, valores = len(self.recusas), linha.valores
        desde = parse_data(valores.get("desde", ""))
        if isinstance(desde, Invalido):
            self._recusar(linha, "desde", desde.mensagem)
        classe = _CLASSES.get(normalizar(valores.get("classe", "")))
        if classe is None:
            self._recusar(linha, "classe", "A classe é Consulta, Emissão ou Declaração.")
        texto = valores.get("ate", "").replace(".", "")
        if texto and not (texto.isdecimal() and 1 <= int(texto) < 2**31):
            self._recusar(linha, "ate", "O limite é um número de chamadas, como 500; em branco na última faixa.")
        preco = _ler_preco(valores.get("preco", ""))
        if preco is None:
            self._recusar(linha, "preco", "O preço é maior que zero, com até quatro casas, como 0,32.")
        if isinstance(desde, Invalido) or classe is None or preco is None or len(self.recusas) > antes:
            return
        self._faixas[desde, classe].append((linha.numero, Faixa(int(texto) if texto else None, preco)))

    def conferir(self) -> Conferencia:
        recusas = list(self.recusas)
        self._boas: dict[date, dict[str, list[Faixa]]] = {}
        com_recusa = bool(recusas)
        for desde in sorted({data for data, _ in self._faixas}):
            numeros = [numero for (data, _), suas in self._faixas.items() if data == desde for numero, _ in suas]
            faixas = {c: [f for _, f in suas] for (data, c), suas in self._faixas.items() if data == desde}
            problemas = [problema_da_data(desde), self._repetida(desde)]
            problemas += [texto for _, texto in problemas_das_faixas(faixas)]
            if com_recusa:
                problemas.append("A tabela entra inteira: corrija antes as outras linhas recusadas.")
            ditos = " ".join(filter(None, problemas))
            if ditos:
                recusas += [Recusa(numero, _ROTULOS["desde"], format_data(desde), ditos) for numero in numeros]
            else:
                self._boas[desde] = faixas
        novas = sum(len(suas) for faixas in self._boas.values() for suas in faixas.values())
        return Conferencia(
            linhas=novas + len({recusa.linha for recusa in recusas}),
            novas=novas,
            alteradas=0,
            iguais=0,
            recusas=recusas,
            assinatura=hashlib.sha256(f"{sorted(recusas)}{self._boas}".encode()).hexdigest(),
            avisos=self._avisos,
        )

    def _repetida(self, desde: date) -> str:
        if not TabelaPreco.objects.filter(pk=desde).exists():
            return ""
        return f"Já há uma tabela desde {format_data(desde)}. Altere-a na Administração, ou use outra data."

    def gravar(self) -> dict[str, Any]:
        for desde, por_classe in self._boas.items():
            tabela = TabelaPreco.objects.create(
                vigente_desde=desde, fonte=self.parametros["fonte"], certeza=self.parametros["certeza"]
            )
            FaixaPreco.objects.bulk_create(
                FaixaPreco(tabela=tabela, classe=classe, ate=faixa.ate, preco=faixa.preco)
                for classe, faixas in por_classe.items()
                for faixa in faixas
            )
            registrar(
                usuario=self.usuario,
                acao="custos.precos",
                objeto=f"tabela:{desde}",
                resumo=f"Incluiu os preços desde {format_data(desde)}: {tabela.fonte}",
            )
        limpar_memoria()
        return {"tabelas": [desde.isoformat() for desde in self._boas]}


def _ler_preco(texto: str) -> Decimal | None:
    limpo = texto.replace("R$", "").strip().replace(",", ".")
    try:
        preco = Decimal(limpo)
    except InvalidOperation:
        return None
    if not preco.is_finite() or not 0 < preco <= _MAIOR_PRECO or preco != preco.quantize(Decimal("0.0001")):
        return None
    return preco
