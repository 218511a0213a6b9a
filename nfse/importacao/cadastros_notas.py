"""What the lines of the CSV of notas point to, read once for the whole file."""

from collections.abc import Iterable, Mapping
from datetime import date

from comum.documentos import Invalido
from comum.models import Usuario
from empresas.models import Empresa, Municipio
from empresas.municipios import Municipios
from nfse.importacao.celulas_notas import Celulas
from nfse.importacao.empresas import Empresas
from nfse.importacao.item_da_linha import Servicos
from nfse.importacao.tomador_da_linha import Par, Tomadores
from nfse.models import ReferenciaCanal, Tomador
from nfse.services.validacao import Contexto

_SEM_EMPRESA = "Falta a empresa. Preencha código ou CNPJ, ou escolha a empresa no topo da tela e envie de novo."
_DESTINATARIO_NAO_CADASTRADO = (
    "Nenhum tomador desta empresa tem este documento. Cadastre o destinatário antes em Tomadores, com o endereço."
)


class Cadastros:
    """Each method refuses the line for what it does not find, and gives something harmless in its place."""

    def __init__(self, usuario: Usuario, linhas: Iterable[Celulas], padrao: int | None) -> None:
        todas = list(linhas)
        self._situar_empresas(usuario, todas, padrao)
        self.contexto = Contexto(self._empresas.values())
        self._municipios = Municipios()
        pares: dict[int, Par] = {
            c.linha: (pk, c.lidas["tomador"])
            for c in todas
            if (pk := self._da_linha.get(c.linha)) and "tomador" in c.lidas
        }
        nifs = {(pk, c.lidas["tomador_nif"]) for c in todas if (pk := self._da_linha.get(c.linha)) and _por_nif(c)}
        outros = {
            (pk, c.lidas["destinatario"])
            for c in todas
            if (pk := self._da_linha.get(c.linha)) and "destinatario" in c.lidas
        }
        self.tomadores = Tomadores({*pares.values(), *outros}, self._municipios, nifs)
        for celulas in todas:
            if par := pares.get(celulas.linha):
                self.tomadores.descrever(par, celulas)
        self.servicos = Servicos(
            {(pk, codigo) for c in todas if (pk := self._da_linha.get(c.linha)) and (codigo := c.texto("servico"))}
        )
        ditos = {self._achar_local(c) for c in todas if c.texto("municipio_prestacao")}
        self._locais = Municipio.objects.in_bulk([dito for dito in ditos if isinstance(dito, str)])

    def _situar_empresas(self, usuario: Usuario, linhas: list[Celulas], padrao: int | None) -> None:
        busca, visiveis = Empresas(usuario), Empresa.objects.visiveis(usuario)
        padrao = padrao if padrao and visiveis.filter(pk=padrao).exists() else None
        self._da_linha: dict[int, int] = {}
        for celulas in linhas:
            texto = celulas.texto("empresa")
            achada = busca.achar(texto) if texto else str(padrao or "")
            if isinstance(achada, Invalido):
                celulas.recusar("empresa", achada.mensagem)
            elif not achada:
                celulas.recusar("empresa", _SEM_EMPRESA)
            else:
                self._da_linha[celulas.linha] = int(achada)
        self._empresas: Mapping[int, Empresa] = visiveis.select_related("municipio").in_bulk(
            set(self._da_linha.values())
        )

    def empresa(self, celulas: Celulas) -> Empresa:
        """One that is nobody's stands in for what the line was refused for."""
        empresa = self._empresas.get(self._da_linha.get(celulas.linha, 0))
        if empresa is None:
            return Empresa()
        if not empresa.ativa:
            celulas.recusar("empresa", f"{empresa} está inativa. Reative-a em Empresas, ou tire a linha.")
        return empresa

    def atividades(self, empresa: Empresa, competencia: date) -> Mapping[int, ReferenciaCanal]:
        return self.contexto.atividades(self.contexto.rotas.rota(empresa, competencia))

    def tomador(self, celulas: Celulas, empresa: Empresa) -> Tomador:
        documento, achado = celulas.lidas.get("tomador"), None
        if empresa.pk and _por_nif(celulas):
            achado = self.tomadores.achar_no_exterior((empresa.pk, celulas.lidas["tomador_nif"]), celulas)
        elif empresa.pk and documento:
            achado = self.tomadores.achar((empresa.pk, documento), celulas)
        return achado or Tomador(nome="?", ativo=True)

    def destinatario(self, celulas: Celulas, empresa: Empresa) -> Tomador | None:
        documento = celulas.lidas.get("destinatario")
        if not documento or not empresa.pk:
            return None
        achado = self.tomadores.cadastrado((empresa.pk, documento))
        if achado is None:
            celulas.recusar("destinatario", _DESTINATARIO_NAO_CADASTRADO)
        return achado

    def local(self, celulas: Celulas, empresa: Empresa) -> Municipio:
        if not celulas.texto("municipio_prestacao"):
            if empresa.municipio is None and empresa.pk is not None:
                celulas.recusar(
                    "municipio_prestacao",
                    f"{empresa} não tem município no cadastro. Preencha o local da prestação, ou o cadastro dela.",
                )
            return empresa.municipio or Municipio()
        achado = self._achar_local(celulas)
        if isinstance(achado, Invalido):
            celulas.recusar("municipio_prestacao", achado.mensagem)
            return Municipio()
        return self._locais[achado]

    def _achar_local(self, celulas: Celulas) -> str | Invalido:
        return self._municipios.achar(celulas.texto("municipio_prestacao"))


def _por_nif(celulas: Celulas) -> bool:
    """Whether the tomador is abroad: a document and a NIF together are refused where the cells are read."""
    return "tomador_nif" in celulas.lidas and not celulas.texto("tomador")
