"""Who asks, where and under which settings: what every operation is given."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from sandbox.nucleo.ajustes import Ajustes
from sandbox.sisgenfe import tabelas
from sandbox.sisgenfe.formatos import conferir_documento
from sandbox.sisgenfe.leitura import Campos
from sandbox.sisgenfe.models import Prestador
from sandbox.sisgenfe.opcoes import SERVICO


@dataclass(frozen=True)
class Contexto:
    ambiente: str
    prestador: Prestador
    permissoes: frozenset[str]
    ajustes: Ajustes
    tag: str = ""

    def opcao(self, nome: str) -> Any:
        return opcao(self.ajustes, nome)

    @cached_property
    def agora(self) -> datetime:
        return self.ajustes.agora()

    def tem_atividade(self, ident: int) -> bool:
        return str(ident) in self.prestador.atividades

    def aliquota(self, ident: int) -> Decimal:
        """ISS rate in percent that the service applies to an activity of the prestador."""
        propria = self.prestador.atividades[str(ident)]
        if propria is not None:
            return Decimal(propria)
        do_servico = tabelas.atividades()[ident].aliquota
        return Decimal(str(self.opcao("iss_padrao"))) if do_servico is None else do_servico

    def campos(self, corpo: Any) -> Campos:
        return Campos(corpo, tolera=self.opcao("ignora_campo_desconhecido"))

    def documento(self, texto: str, campo: str) -> str:
        """A masked CNPJ or CPF, checked as the settings say. Raises Recusa 400."""
        return documento(self.ajustes, texto, campo)


def opcao(ajustes: Ajustes, nome: str) -> Any:
    return ajustes.valores[f"{SERVICO}.{nome}"]


def documento(ajustes: Ajustes, texto: str, campo: str, *, sem_cpf: bool = False) -> str:
    nu, digitos = opcao(ajustes, "aceita_sem_mascara"), opcao(ajustes, "confere_digitos")
    return conferir_documento(texto, campo, sem_cpf=sem_cpf, aceita_nu=nu, digitos=digitos)
