"""Lists for the tests, in the form of every publisher, with invented names."""

# ruff: noqa: E501 - files as publishers write them

from typing import Any

from backoffice.people import roles
from backoffice.people.models import Entity, User
from controls.models import WatchList, WatchListVersion
from controls.screening import watchlists
from tests import people

SIMPLE = """id,schema,name,aliases,birth_date,countries,addresses,identifiers,program_ids,sanctions
q1,Person,Vasil Draganov Korbalski,Vasilij Korbalsky;Korbalski V.D.,1961-04-09,BG,"Varna, Bulgaria",P123456,TEST-1,Listed
q2,Organization,Karbadin Trading Company,Karbadin Trade LLC,,IR,"Valiasr Ave, Tehran",,TEST-2,
q3,Person,Nadezhda Zantova,,1975,RU,,,TEST-1,
"""
MORE = SIMPLE + "q4,Organization,Global Trade Partners,,,RU,,,TEST-3,\n"

EU = """<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-11-20T10:00:00.000+01:00">
<sanctionEntity euReferenceNumber="EU.1.1" logicalId="1" designationDetails=""><remark>Commander</remark>
<regulation programme="TEST"/><subjectType code="person" classificationCode="P"/>
<nameAlias wholeName="Vasilij Korbalsky" strong="false"/><nameAlias firstName="Vasil" lastName="Korbalski" wholeName="Vasil Korbalski" strong="true"/>
<citizenship countryIso2Code="BG" countryDescription="BULGARIA"/><birthdate birthdate="1961-04-09" city="Varna" countryDescription="BULGARIA"/>
<address city="Varna" street="1 Sea Street" countryDescription="BULGARIA"/>
<identification identificationTypeDescription="Passport" number="P123456" countryIso2Code="BG"/></sanctionEntity></export>"""
SDN_XML = """<sdnList xmlns="http://tempuri.org/sdnList.xsd"><publshInformation><Publish_Date>11/20/2026</Publish_Date></publshInformation>
<sdnEntry><uid>7</uid><firstName>Vasil</firstName><lastName>KORBALSKI</lastName><sdnType>Individual</sdnType>
<programList><program>TEST</program></programList><akaList><aka><uid>1</uid><type>a.k.a.</type><category>weak</category><lastName>THE BALD</lastName></aka></akaList>
<dateOfBirthList><dateOfBirthItem><dateOfBirth>09 Apr 1961</dateOfBirth></dateOfBirthItem></dateOfBirthList>
<addressList><address><city>Varna</city><country>Bulgaria</country></address></addressList></sdnEntry></sdnList>"""
UN = """<CONSOLIDATED_LIST dateGenerated="2026-11-20T00:00:00Z"><INDIVIDUALS><INDIVIDUAL><DATAID>11</DATAID><FIRST_NAME>VASIL</FIRST_NAME>
<SECOND_NAME>KORBALSKI</SECOND_NAME><UN_LIST_TYPE>TEST</UN_LIST_TYPE><NATIONALITY><VALUE>Bulgaria</VALUE></NATIONALITY>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>The Bald</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1960</FROM_YEAR><TO_YEAR>1962</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
</INDIVIDUAL></INDIVIDUALS><ENTITIES><ENTITY><DATAID>12</DATAID><FIRST_NAME>KARBADIN TRADING</FIRST_NAME><ENTITY_ALIAS/></ENTITY></ENTITIES></CONSOLIDATED_LIST>"""
SDN_CSV = (
    '7,"KORBALSKI, Vasil","individual","TEST] [OTHER",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,'
    "\"DOB 09 Apr 1961; POB Varna, Bulgaria; nationality Bulgaria; Passport P123456 (Bulgaria); a.k.a. 'THE BALD'.\"\n"
    '8,"KARBADIN TRADING COMPANY",-0- ,"TEST",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n'
)
ADD_CSV = '8,1,"Valiasr Ave","Tehran","Iran",-0- \n'
ALT_CSV = '8,1,"aka","KARBADIN TRADE",-0- \n'


def a_list(actor: User, *, entity: Entity | None = None, code: str = "TEST", **fields: Any) -> WatchList:
    values = {"name": f"List {code}", "kind": "sanctions", "publisher": "Nobody", **fields}
    return watchlists.create(actor=actor, code=code, entity=entity, **values)


def loaded(
    actor: User, text: str = SIMPLE, *, entity: Entity | None = None, code: str = "TEST", **fields: Any
) -> WatchListVersion:
    """A list with one version in force."""
    of = a_list(actor, entity=entity, code=code, **fields)
    return watchlists.take_in(actor=actor, list_id=of.pk, content=text.encode(), file_name="list.csv")


def supervisors() -> tuple[people.Stage, list[User]]:
    """Two who may sign each other's changes of a list."""
    stage = people.bank_branch()
    return stage, [people.person(roles.SUPERVISOR, name=f"Super {n}") for n in range(2)]
