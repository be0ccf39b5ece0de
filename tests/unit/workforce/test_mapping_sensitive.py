"""Sensitive fields: refused by name, and never looked at where nobody names them."""

from __future__ import annotations

import pytest

from analytics.workforce.mapping import FieldError
from analytics.workforce.mapping.sensitive import sensitive_kind
from lrs.errors import BadRequest
from tests.unit.workforce.mappings import RECORD, a_mapping

SENSITIVE = """
SSN socialSecurityNumber National_ID NINO taxId tax_identifier Steuer-ID Steuernummer
Sozialversicherungsnummer DNI NIF NIR Passport_No Reisepass birthDate Date_of_Birth
DATEOFBIRTH DOB GBDAT GebDat Geb.-Datum SVNR Geburtsdatum dateNaissance
FechaDeNacimiento Alter Gender Geschlecht
sexe sexo Ethnicity Race_Code raza Religion Konfession Religionszugehörigkeit
Disability Schwerbehinderung handicap discapacidad Health_Status Krankenkasse salud
maritalStatus Familienstand situation_familiale EstadoCivil Salary basePay payRate
payGrade Gehalt Stundenlohn Vergütung Verguetung salaire sueldo Steuerklasse IBAN
bankAccount Bankverbindung Kontonummer homeAddress Home_Address.street Wohnadresse
Privatanschrift adresse_personnelle domicilio homePhone personal_email privateEMail
Telefon_privat emails[type=home].value phones[type=private].phone person.birthDate
Nationality Staatsangehörigkeit Staatsangehoerigkeit nationalité nacionalidad
citizenship Union_Membership Gewerkschaft syndicat Afiliación_sindical Veteran_Status
Photo photoUrl Foto Führungszeugnis criminalRecord casier_judiciaire
antecedentes_penales
"""
HARMLESS = """
Employee_ID Worker_WID Legal_Name_First_Name Email_Work Hire_Date Original_Hire_Date
Termination_Date Worker_Type Worker_Status On_Leave Job_Profile_Ref_ID Business_Title
Management_Level Supervisory_Org_ID Location_ID Manager_Employee_ID Cost_Center_ID FTE
Regulatory_Class personIdExternal perPersonUuid emailAddress startDate lastDateWorked
isContingentWorker okToRehire seqNumber eventReason emplStatus jobCode department
division businessUnit managerId position employeeClass hazard employeeNumber workEmail
bestEmail standardHoursPerWeek supervisorEId workerID.idValue
person.legalName.givenName businessCommunication.emails[0].emailUri
emails[type=work].value fullTimeEquivalenceRatio
workAssignments[primaryIndicator=true].homeWorkLocation.nameCode.codeValue
workAssignments.homeOrganizationalUnits[typeCode.codeValue=Department].nameCode.codeValue
PersonNumber LegalEmployerName GradeCode orgLevel1Code scheduledFTE Personalnummer
Personal-Nr Eintrittsdatum Austrittsdatum Kostenstelle Abteilung Vorname Nachname
Vorgesetzter Matricule Prénom Poste Centro Apellido Payroll_Number trace_id Work_Phone
Zeitzone Standort E-Mail
"""


@pytest.mark.parametrize("name", SENSITIVE.split())
def test_a_sensitive_name_is_known(name):
    assert sensitive_kind(name)


@pytest.mark.parametrize("name", HARMLESS.split())
def test_a_name_of_every_day_is_not_taken_for_sensitive(name):
    assert sensitive_kind(name) is None


@pytest.mark.parametrize(
    "more",
    [
        '"Birth date" = "job_code"',
        '[columns.job_code]\nfrom = "Birth date"',
        '[columns.job_code]\nfirst = ["X", { join = ["Birth date", "Y"] }]',
        '[columns.rescinded]\nfrom = "Birth date"',
        '[[only]]\nfrom = "Birth date"\nfilled = true',
    ],
)
def test_a_sensitive_field_is_refused_unless_allowed_by_name(tmp_path, more):
    with pytest.raises(BadRequest) as caught:
        a_mapping(tmp_path, more)
    message = caught.value.message
    assert "acme.toml" in message
    assert "Birth date, a sensitive field (birth or age)" in message
    assert "[sensitive] allow" in message
    assert a_mapping(tmp_path, f'{more}\n[sensitive]\nallow = ["Birth date"]')


def test_an_allowance_for_a_field_that_nobody_names_is_refused(tmp_path):
    with pytest.raises(BadRequest, match=r"sensitive\.allow, lists Birthdate"):
        a_mapping(tmp_path, '[sensitive]\nallow = ["Birthdate"]')
    with pytest.raises(BadRequest, match="neither text nor a list"):
        a_mapping(tmp_path, "[sensitive]\nallow = [1]")
    with pytest.raises(BadRequest, match="unknown"):
        a_mapping(tmp_path, "[sensitive]\nallowed = []")


def test_what_a_mapping_does_not_name_is_in_no_row_no_quarantine_and_no_message(
    tmp_path,
):
    mapping = a_mapping(tmp_path, 'Job = "job_code"\nFte = "fte"')
    record = RECORD | {
        "Job": "J",
        "Fte": "many",
        "Birth date": "PRIVATE",
        "x": "PRIVATE",
    }
    with pytest.raises(FieldError) as caught:
        mapping.mapped(record)
    said = f"{caught.value} {mapping.kept(record)} {mapping.named(record)}"
    assert "PRIVATE" not in said
    assert "PRIVATE" not in str(mapping.row(record | {"Fte": "1"}))


def test_no_message_holds_the_value_of_a_sensitive_field(tmp_path):
    more = (
        '[fields."Pay grade"]\nto = "fte"\ndecimal = ","\n'
        '[sensitive]\nallow = ["Pay grade"]'
    )
    with pytest.raises(FieldError) as caught:
        a_mapping(tmp_path, more).row(RECORD | {"Pay grade": "E13/250000"})
    assert "250000" not in str(caught.value)
