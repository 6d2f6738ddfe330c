"""栏目: the groups a unit's work is divided into; a right may be limited to some of them."""

from types import MappingProxyType

COLUMNS = MappingProxyType({
    "precision_service": "精准服务",
    "party_garden": "党建园地",
    "silver_brilliance": "银发生辉",
})
