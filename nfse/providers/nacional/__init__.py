"""The national NFS-e: Sefin Nacional, which authorises, and ADN, which distributes. docs/nfse-nacional.md tells what is
certain of it, what is not, and where each fact comes from.

Sources: schemas of the NFS-e, layout 1.01 (packages of 2026-02-09 and 2026-07-27), API descriptions of the Sefin
Nacional and the ADN, "Manual dos Contribuintes - APIs" 1.2, integrated manual 1.00.02, Anexos I and II, and the
Notas Técnicas 007 and 008 of the Comitê Gestor, on www.gov.br/nfse.
"""
